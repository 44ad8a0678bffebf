/* From a fresh clone to answered predictions, in one command; run again, it only predicts. With "-- --runtime <name>" the
   same model is run by another runtime, in another format. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
const program = join('bin', 'cluster-serving.cjs');
const others = join('examples', 'digits-runtimes');
/** The folder of each runtime's config, and what has to be installed for it. */
const runtimes = {
  onnx: { folder: example },
  openvino: { folder: join(others, 'openvino'), needs: 'openvino' },
  tensorflow: { folder: join(others, 'tensorflow'), needs: 'openvino' },
  torch: { folder: join(others, 'torch') },
};

const { folder, needs } = runtimeAsked();
const config = join(folder, 'config.yaml');
const [, jobName] = /^jobName: (\S+)$/m.exec(readFileSync(join(root, config), 'utf8'));

requireNode();
ensureRedis();
ensureDependencies();
ensureBuild();

const jobs = JSON.parse(serving('list', '-c', config, '--json')).jobs;
if (jobs.some((job) => job.jobName === jobName && job.state === 'running'))
  say(`the job "${jobName}" runs already`);
else {
  if (needs) install(needs);
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

function runtimeAsked() {
  const { values } = parseArgs({ options: { runtime: { type: 'string', default: 'onnx' } } });
  const asked = Object.hasOwn(runtimes, values.runtime) ? runtimes[values.runtime] : undefined;
  return (
    asked ?? giveUp(`--runtime ${values.runtime}: there is none. Name ${Object.keys(runtimes).join(', ')}.`)
  );
}

function install(name) {
  const all = JSON.parse(serving('runtime', 'list', '--json'));
  if (all.runtimes.find((each) => each.name === name)?.place !== undefined) return;
  say(`installing ${name}: cluster-serving runtime install ${name}`);
  if (run(process.execPath, [program, 'runtime', 'install', name]) !== 0)
    giveUp('It could not be installed; the reason is above.');
}

function serving(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) giveUp(`cluster-serving ${args[0]} failed:\n${stderr}${stdout}`);
  return stdout;
}
