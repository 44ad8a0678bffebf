/* The tests that need Java and a real Flink. With arguments, which go to Vitest, without those in Java. */
import { join } from 'node:path';
import { prepareFlink } from './machine/ensureFlink.mjs';
import {
  ensureBuild,
  ensureDependencies,
  ensureFrameworks,
  ensureOpenvino,
  ensurePythonClient,
  ensureRedis,
  requireNode,
  root,
  run,
} from './machine/setup.mjs';
import { testJava } from './suites/javaSuite.mjs';

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();
ensurePythonClient();
ensureOpenvino();
ensureFrameworks();
prepareFlink();
const [...args] = process.argv.slice(2);
const java = args.length === 0 ? await testJava() : { failed: 0 };
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const status = run(process.execPath, [vitest, 'run', '--project', 'flink', ...args]);
process.exitCode = java.failed > 0 ? 1 : status;
