/* The tests that need Java and a real Flink. Arguments go to Vitest. */
import { join } from 'node:path';
import { prepareFlink } from './ensureFlink.mjs';
import {
  ensureBuild,
  ensureDependencies,
  ensurePythonClient,
  ensureRedis,
  requireNode,
  root,
  run,
} from './setup.mjs';

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();
ensurePythonClient();
prepareFlink();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = run(process.execPath, [vitest, 'run', '--project', 'flink', ...process.argv.slice(2)]);
