'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** Runs one of the programs; in a clone that is not built yet it says what to do. */
module.exports = (name) => {
  if (existsSync(join(__dirname, '..', 'dist', name))) return import(`../dist/${name}`);
  process.stderr.write('Cluster Serving is not built yet. Run "npm run build" in its folder.\n');
  process.exitCode = 1;
};
