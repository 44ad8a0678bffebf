#!/usr/bin/env node
'use strict';
process.argv.splice(2, 0, 'stop');
require('./load.cjs')('cli.mjs');
