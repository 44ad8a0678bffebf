#!/usr/bin/env node
'use strict';
process.argv.splice(2, 0, 'shutdown');
require('./load.cjs')('cli.mjs');
