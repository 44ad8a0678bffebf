/* Runs every suite, the quick ones first, each with its own set-up just before it, and ends with one line that counts them
   all: npm test [names of stages]. What cannot be set up counts as failed, and the rest runs. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { prepareFlink } from './machine/ensureFlink.mjs';
import { ensureKafka } from './machine/ensureKafka.mjs';
import {
  SetupError,
  ensureBuild,
  ensureChromium,
  ensureCurl,
  ensureDependencies,
  ensureEditors,
  ensureFrameworks,
  ensureOnnxCases,
  ensureOpenvino,
  ensurePreCommit,
  ensurePythonClient,
  ensureRedis,
  ensureV2Client,
  requireNode,
  root,
  run,
  say,
} from './machine/setup.mjs';
import { testJava } from './testJava.mjs';

const tools = [
  [['typescript', 'bin', 'tsc'], '-b'],
  [['eslint', 'bin', 'eslint.js'], '.', '--max-warnings', '0'],
  [['prettier', 'bin', 'prettier.cjs'], '--check', '--log-level', 'warn', '.'],
  [
    ['dependency-cruiser', 'bin', 'dependency-cruise.mjs'],
    ...['--config', '.dependency-cruiser.mjs', 'schemas', 'server', 'client'],
  ],
  [['knip', 'bin', 'knip.js']],
  [['vitepress', 'bin', 'vitepress.js'], 'build', 'docs'],
];

const stages = {
  checks: { test: runTools },
  unit: vitest('unit'),
  contract: vitest('contract', ensureBuild),
  integration: vitest(
    'integration',
    ...[
      ensureRedis,
      ensureBuild,
      ensurePythonClient,
      ensureV2Client,
      ensureOpenvino,
      ensureFrameworks,
      ensurePreCommit,
      ensureChromium,
      ensureCurl,
    ],
  ),
  withinWorker: vitest(
    'withinWorker',
    ensureRedis,
    ensureBuild,
    ensurePythonClient,
    ensureV2Client,
    ensureChromium,
  ),
  editors: vitest('editors', ensureBuild, ensureEditors),
  onnx: vitest('onnx', ensureRedis, ensureBuild, ensureOnnxCases),
  torture: vitest('torture', ensureRedis, ensureBuild),
  java: { test: testJava },
  flink: vitest('flink', ensureRedis, ensureBuild, prepareFlink),
  kafka: vitest('kafka', ensureBuild, ensureKafka, ensurePythonClient),
  package: vitest('package', ensureRedis, ensureBuild),
  // What it imports may not be installed before `ensureDependencies`.
  e2e: vitest('e2e', async () => (await import('./e2e.mjs')).prepareE2e()),
};

/** @param prepare  what the suite needs; an object that one gives is added to its environment */
function vitest(project, ...prepare) {
  return { prepare, test: (env) => runVitest(project, env) };
}

/** A tool that only says yes or no counts as one. ESLint takes longer than all others together, which run beside it; what
 *  each prints comes when it has ended. */
async function runTools() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const [types, lint, ...others] = tools;
  const inTurn = async (some) => {
    for (const [path, ...args] of some) counts[(await runTool(path, args)) ? 'passed' : 'failed'] += 1;
  };
  // What it writes is read by the others.
  await inTurn([types]);
  await Promise.all([inTurn([lint]), inTurn(others)]);
  return counts;
}

async function runTool(path, args) {
  // It may not be installed before `ensureDependencies`.
  const { execa } = await import('execa');
  const tool = await execa(process.execPath, [join(root, 'node_modules', ...path), ...args], {
    cwd: root,
    all: true,
    reject: false,
    env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
  });
  say([path[0], ...args].join(' '));
  if (tool.all) console.log(tool.all);
  return tool.exitCode === 0;
}

function runVitest(project, env) {
  const results = join(root, '.cache', `vitest-${project}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(results, { force: true });
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const status = run(process.execPath, [program, 'run', '--project', project, ...reporters], {
    env: { ...process.env, FULL_PROPERTY_TESTS: '1', ...env },
  });
  if (!existsSync(results)) return { passed: 0, failed: 1, skipped: 0 };
  const found = JSON.parse(readFileSync(results, 'utf8'));
  // A file that cannot be loaded has no test to count, and an error between the tests belongs to none.
  const broken = found.testResults.filter(
    ({ status: state, assertionResults }) => state === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = found.numFailedTests + broken;
  failures.push(...failuresOf(found));
  return {
    passed: found.numPassedTests,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: found.numPendingTests + found.numTodoTests,
  };
}

/** Each failed test with its file and the first line of its error, to be repeated below the output of all suites. */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    if (status === 'failed' && assertionResults.length === 0) return [`${file}: ${firstLine(message)}`];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map(
        ({ fullName, failureMessages }) => `${file} > ${fullName}: ${firstLine(failureMessages.join('\n'))}`,
      );
  });
}

function firstLine(text) {
  return stripVTControlCharacters(text.trim().split('\n', 1)[0]);
}

async function runStage(name, { prepare = [], test }) {
  let env = {};
  try {
    for (const step of prepare) env = { ...env, ...(await step()) };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${name} cannot be set up: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return test(env);
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in stages));
if (unknown.length > 0)
  throw new SetupError(`${unknown.join(', ')}: the stages are ${Object.keys(stages).join(', ')}.`);
requireNode();
ensureDependencies();

const failures = [];
const sum = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
for (const [name, stage] of Object.entries(stages)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  say(`stage ${name}`);
  const start = performance.now();
  const counts = await runStage(name, stage);
  for (const kind of Object.keys(sum)) sum[kind] += counts[kind];
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  summary.push(`${name.padEnd(12)} ${seconds.padStart(5)} s  ${text(counts)}`);
}
for (const line of failures) say(`failed: ${line}`);
for (const line of summary) say(line);
console.log(text(sum));
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function text({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
