/* Runs every suite, the quick ones first, each with its own set-up just before it, and ends with one line that counts them
   all: npm test [names of stages]. What cannot be set up counts as failed, and the rest runs. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBenchPeers, ensureHttpPeers } from './machine/ensureBenches.mjs';
import { prepareFlink } from './machine/ensureFlink.mjs';
import { ensureHelm } from './machine/ensureHelm.mjs';
import { buildImage, ensureBaseImages, ensureImageTools } from './machine/ensureImages.mjs';
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
  say,
} from './machine/setup.mjs';
import { testJava } from './suites/javaSuite.mjs';
import { runAside } from './suites/runAside.mjs';
import { testTools } from './suites/toolSuite.mjs';
import { testProject } from './suites/vitestSuite.mjs';

const stages = {
  checks: { test: testTools },
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
  java: { prepare: [prepareFlink], test: (_env, output) => testJava(output) },
  flink: vitest('flink', ensureRedis, ensureBuild, prepareFlink),
  onnx: vitest('onnx', ensureRedis, ensureBuild, ensureOnnxCases),
  torture: vitest('torture', ensureRedis, ensureBuild),
  kafka: vitest('kafka', ensureBuild, ensureKafka, ensurePythonClient),
  package: vitest('package', ensureRedis, ensureBuild),
  images: vitest('images', ensureRedis, ensureBuild, ensureImageTools, ensureBaseImages, buildImage),
  charts: vitest('charts', ensureBuild, ensureHelm),
  benches: vitest(
    'benches',
    ensureRedis,
    ensureBuild,
    prepareFlink,
    ensureKafka,
    ensureFrameworks,
    ensureBenchPeers,
    ensureHttpPeers,
  ),
  // What it imports may not be installed before `ensureDependencies`.
  e2e: vitest('e2e', async () => (await import('./e2e.mjs')).prepareE2e()),
};

/** In this order. The lanes of a step run side by side, each its stages in turn: what waits for other programs most of the
 *  time, and shares nothing with the other lanes. All others need the machine to themselves. The last lane has a process of
 *  its own and sets its stages up in it, since that takes minutes. */
const steps = [
  [['checks']],
  [['unit']],
  [['contract']],
  [
    ['integration', 'withinWorker', 'editors'],
    ['java', 'flink'],
    ['kafka', 'images', 'charts'],
  ],
  [['onnx']],
  [['torture'], ['benches']],
  [['package']],
  [['e2e']],
];

/** @param prepare  what the suite needs; an object that one gives is added to its environment */
function vitest(project, ...prepare) {
  return { prepare, test: (env, output) => testProject(project, env, output) };
}

/** Sets up what the stages need, one after the other: installers do not run side by side.
 *  @returns the stages that can be run, with their environments */
async function setUp(names) {
  const ready = new Map();
  for (const name of names) {
    let env = {};
    try {
      for (const step of stages[name].prepare ?? []) env = { ...env, ...(await step()) };
      ready.set(name, env);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      console.error(`\n${name} cannot be set up: ${error.message}`);
      note(name, { passed: 0, failed: 1, skipped: 0 }, 0);
    }
  }
  return ready;
}

/** @param output  where it goes while the stage runs; a file's name keeps it until the end */
async function runStage(name, env, file) {
  say(file === undefined ? `stage ${name}` : `stage ${name}, beside it`);
  const start = performance.now();
  const output = file === undefined ? 'inherit' : openSync(file, 'w');
  const counts = await stages[name].test(env, output);
  if (file !== undefined) {
    closeSync(output);
    say(`stage ${name}, which has ended:`);
    console.log(readFileSync(file, 'utf8'));
  }
  note(name, counts, (performance.now() - start) / 1000);
}

async function runLane(names, ready, isFirst) {
  for (const name of names.filter((each) => ready.has(each)))
    await runStage(name, ready.get(name), isFirst ? undefined : join(root, '.cache', `stage-${name}.log`));
}

/** Runs stages in a process of their own, whose output comes when it has ended. */
async function runApart(names) {
  const [log, report] = ['log', 'json'].map((kind) => join(root, '.cache', `stages-apart.${kind}`));
  rmSync(report, { force: true });
  const output = openSync(log, 'w');
  say(`stages ${names.join(', ')}, beside it`);
  await runAside(process.execPath, [import.meta.filename, ...names], {
    env: { ...process.env, [reportVariable]: report },
    output,
  });
  closeSync(output);
  console.log(readFileSync(log, 'utf8'));
  if (!existsSync(report)) return note(names.join(', '), { passed: 0, failed: 1, skipped: 0 }, 0);
  const apart = JSON.parse(readFileSync(report, 'utf8'));
  for (const kind of Object.keys(sum)) sum[kind] += apart.sum[kind];
  failures.push(...apart.failures);
  summary.push(...apart.summary);
}

/** Names the file for the counts of stages that run apart. */
const reportVariable = 'CLUSTER_SERVING_TEST_REPORT';
const failures = [];
const sum = { passed: 0, failed: 0, skipped: 0 };
const summary = [];

function note(name, counts, seconds) {
  for (const kind of Object.keys(sum)) sum[kind] += counts[kind];
  failures.push(...(counts.failures ?? []));
  summary.push(`${name.padEnd(12)} ${seconds.toFixed(0).padStart(5)} s  ${text(counts)}`);
}

function text({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in stages));
if (unknown.length > 0)
  throw new SetupError(`${unknown.join(', ')}: the stages are ${Object.keys(stages).join(', ')}.`);
const left = Object.keys(stages).filter((name) => !steps.flat(2).includes(name));
if (left.length > 0) throw new Error(`No step runs ${left.join(', ')}.`);
requireNode();
ensureDependencies();
mkdirSync(join(root, '.cache'), { recursive: true });

for (const step of steps) {
  const isChosen = (name) => chosen.length === 0 || chosen.includes(name);
  const lanes = step.map((names) => names.filter(isChosen)).filter((names) => names.length > 0);
  const apart = lanes.length > 1 ? lanes.splice(2) : [];
  const ready = await setUp(lanes.flat());
  await Promise.all([...lanes.map((names, i) => runLane(names, ready, i === 0)), ...apart.map(runApart)]);
}
const report = process.env[reportVariable];
if (report !== undefined) writeFileSync(report, JSON.stringify({ sum, failures, summary }));
for (const line of failures) say(`failed: ${line}`);
for (const line of summary) say(line);
console.log(text(sum));
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
