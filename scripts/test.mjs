/* Sets up what the tests need, runs every suite, and ends with one line that counts them all. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareE2e } from './e2e.mjs';
import { prepareFlink } from './ensureFlink.mjs';
import {
  ensureBuild,
  ensureChromium,
  ensureCurl,
  ensureDependencies,
  ensureOnnxCases,
  ensurePreCommit,
  ensurePythonClient,
  ensureRedis,
  ensureV2Client,
  requireNode,
  root,
  run,
  say,
} from './setup.mjs';
import { testJava } from './testJava.mjs';

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();
ensurePythonClient();
ensureV2Client();
ensureOnnxCases();
ensurePreCommit();
ensureChromium();
ensureCurl();
prepareFlink();

const counts = { passed: 0, failed: 0, skipped: 0 };
const program = (name, ...path) => [process.execPath, [join(root, 'node_modules', ...path), ...name]];

/** A tool that only says yes or no counts as one. */
function check(name, ...path) {
  say(`${path.at(-1)} ${name.join(' ')}`);
  if (run(...program(name, ...path)) === 0) counts.passed += 1;
  else counts.failed += 1;
}

check(['-b'], 'typescript', 'bin', 'tsc');
check(['.', '--max-warnings', '0'], 'eslint', 'bin', 'eslint.js');
check(['--check', '--log-level', 'warn', '.'], 'prettier', 'bin', 'prettier.cjs');
check(
  ['--config', '.dependency-cruiser.mjs', 'schemas', 'server', 'client'],
  'dependency-cruiser',
  'bin',
  'dependency-cruise.mjs',
);
check([], 'knip', 'bin', 'knip.js');
check(['build', 'docs'], 'vitepress', 'bin', 'vitepress.js');

const java = testJava();
for (const kind of Object.keys(counts)) counts[kind] += java[kind];

for (const project of ['unit', 'contract', 'integration', 'onnx', 'torture', 'flink', 'e2e']) {
  say(`vitest ${project}`);
  const results = join(root, '.cache', `vitest-${project}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(results, { force: true });
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ];
  const env = {
    ...process.env,
    FULL_PROPERTY_TESTS: '1',
    ...(project === 'e2e' ? await prepareE2e() : {}),
  };
  const status = run(...program(args, 'vitest', 'vitest.mjs'), { env });
  if (!existsSync(results)) {
    counts.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(results, 'utf8'),
  );
  counts.passed += numPassedTests;
  counts.failed += numFailedTests;
  counts.skipped += numPendingTests + numTodoTests;
  // A file that cannot be loaded has no test to count, and an error between the tests belongs to none.
  const broken = testResults.filter(
    ({ status: state, assertionResults }) => state === 'failed' && assertionResults.length === 0,
  ).length;
  counts.failed += broken;
  if (status !== 0 && numFailedTests + broken === 0) counts.failed += 1;
}

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
