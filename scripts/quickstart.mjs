/* From a fresh clone to answered predictions, in one command; run again, it only predicts. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureBuild,
  ensureDependencies,
  ensureRedis,
  giveUp,
  requireNode,
  root,
  run,
  say,
} from './machine/setup.mjs';

const example = join('examples', 'digits');
const config = join(example, 'config.yaml');
const program = join('bin', 'cluster-serving.cjs');

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();

const jobs = JSON.parse(serving('list', '-c', config, '--json')).jobs;
if (jobs.some(({ jobName, state }) => jobName === 'digits' && state === 'running'))
  say('the job "digits" runs already');
else {
  say(`starting the job of ${config}`);
  if (run(process.execPath, [program, 'start', '-c', config]) !== 0)
    giveUp('The job did not start; the reason is above.');
}

const images = readdirSync(join(root, example, 'images')).sort();
const truth = new Map(
  readFileSync(join(root, example, 'labels.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')),
);
say(`sending ${images.length} images through the queue`);
const lines = serving(
  'predict',
  '-c',
  config,
  '--json',
  ...images.map((name) => join(example, 'images', name)),
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
let right = 0;
for (const { name, outputs } of lines.filter((line) => line.outputs)) {
  const [{ data }] = outputs;
  const digit = data.indexOf(Math.max(...data));
  const ok = String(digit) === truth.get(name);
  right += ok ? 1 : 0;
  console.log(
    `  ${name}  predicted ${digit} (${(data[digit] * 100).toFixed(1).padStart(5)} %)  is ${truth.get(name)}  ${ok ? 'right' : 'WRONG'}`,
  );
}
const { summary } = lines.at(-1);
console.log(
  `\n${right} of ${images.length} right (${((right / images.length) * 100).toFixed(1)} %), ${summary.recordsPerSecond} records/s.`,
);
if (right < 0.95 * images.length) giveUp('That is fewer than 95 %: something is wrong.');
console.log(`
The job goes on. Next:
  predict  node ${program} predict -c ${config} ${join(example, 'images', images[0])}
  list     node ${program} list
  stop     node ${program} shutdown -c ${config}`);

function serving(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) giveUp(`cluster-serving ${args[0]} failed:\n${stderr}${stdout}`);
  return stdout;
}
