#!/usr/bin/env node
'use strict';
process.argv.splice(2, 0, 'stop');
import('../dist/cli.mjs');
