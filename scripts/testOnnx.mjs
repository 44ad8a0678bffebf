/* Serves foreign models: `onnx`, the ONNX project's own test cases; `models`, what packages ship. Further arguments
   go to vitest. */
import { join } from 'node:path';
import {
  ensureBuild,
  ensureDependencies,
  ensureOnnxCases,
  ensureOpenvino,
  ensureRealModels,
  ensureRedis,
  requireNode,
  root,
  run,
} from './machine/setup.mjs';

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();
const [project, ...args] = process.argv.slice(2);
if (project === 'models') {
  ensureRealModels();
  ensureOpenvino();
} else ensureOnnxCases();

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = run(process.execPath, [vitest, 'run', '--project', project, ...args]);
