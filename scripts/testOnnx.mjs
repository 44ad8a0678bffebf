/* Serves the ONNX project's own test cases. Arguments go to vitest. */
import { join } from 'node:path';
import {
  ensureBuild,
  ensureDependencies,
  ensureOnnxCases,
  ensureRedis,
  requireNode,
  root,
  run,
} from './setup.mjs';

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();
ensureOnnxCases();

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = run(process.execPath, [vitest, 'run', '--project', 'onnx', ...process.argv.slice(2)]);
