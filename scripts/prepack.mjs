/* What `npm pack` and `npm publish` do first: everything that belongs into the package is built, or there is no package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, giveUp, root, run } from './machine/setup.mjs';

const needed = ['esbuild', 'onnxruntime-node'];
const missing = needed.filter((name) => !existsSync(join(root, 'node_modules', name)));
if (missing.length > 0) giveUp('The packages to build with are not installed: run "npm ci" first.');

// The words of a build are no part of what npm prints for programs, so they go to stderr.
const build = (script) => {
  if (run(process.execPath, [join(root, 'scripts', script)], { stdio: ['ignore', 2, 2] }) !== 0)
    giveUp('The build failed; its words are above.');
};
build('build.mjs');
if (findProgram('mvn')) build('buildFlink.mjs');
else console.error('Maven is not here, so the package goes without the job for Flink.');
