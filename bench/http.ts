import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../test/support/redis.ts';
import { decodeImage } from '../server/src/codec/image/decodeImage.ts';
import { loadModel } from '../server/src/model/loadModel.ts';
import {
  args,
  cache,
  cpuSeconds,
  createRows,
  end,
  median,
  memoryMb,
  percentile,
  report,
  root,
  sized,
  startRedis,
  until,
  writeConfig,
} from './support.ts';
import { makeModel } from './engineLoad.ts';
import { image, serve, serveWithin, writeBinaryRequest } from './served.ts';
import { load, middle, text, type Load } from './wrk.ts';

// npm run bench:http [rounds] [seconds] [parts] [--short] — in each round a worker that answers HTTP itself, the frontend before
// Redis, a bare Fastify, FastAPI and MLServer take turns.
const rounds = Number(args[0] ?? sized(3, 1));
const seconds = Number(args[1] ?? sized(5, 1));
const folder = join(cache, 'bench', 'http');
const venv = join(cache, 'bench-http');
const bin = (name: string) => join(venv, 'bin', name);
const peers = join(root, 'bench', 'http');
const mlp = join(root, 'test/fixtures/models/mlp/mlp.onnx');
const { rows, row } = createRows();
const children: ChildProcess[] = [];

function start(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): ChildProcess {
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
  });
  children.push(child);
  return child;
}

async function answering(url: string, body: string): Promise<void> {
  await until(
    async () =>
      (
        await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } }).catch(
          () => undefined,
        )
      )?.ok ?? false,
    url,
  );
}

/** Measures with those peers halted that are not measured: some are never idle. */
function alone<T>(measured: ChildProcess | undefined, among: readonly ChildProcess[], work: () => T): T {
  const others = among.filter((peer) => peer !== measured);
  for (const peer of others) peer.kill('SIGSTOP');
  try {
    return work();
  } finally {
    for (const peer of others) peer.kill('SIGCONT');
  }
}

async function frontend(
  name: string,
  redisPort: number,
  lines: readonly string[],
  ...args: string[]
): Promise<{ url: string; child: ChildProcess }> {
  const config = writeConfig(name, [`jobName: ${name}`, `redisUrl: 127.0.0.1:${redisPort}`, ...lines]);
  const served = await serve(join(root, 'dist'), config, ...args);
  children.push(served.worker, served.frontend);
  return { url: served.url, child: served.frontend };
}

async function withinWorker(name: string, redisPort: number, model: string): Promise<{ url: string }> {
  const config = writeConfig(name, [
    `jobName: ${name}`,
    `redisUrl: 127.0.0.1:${redisPort}`,
    `modelPath: ${model}`,
    'httpInterface: 127.0.0.1',
  ]);
  const served = await serveWithin(join(root, 'dist'), config);
  children.push(served.worker);
  return served;
}

async function rates(redisPort: number): Promise<void> {
  const numbers = Array.from({ length: 64 }, (_, i) => Number(((i * 0.2031) % 1).toFixed(4)));
  const instances = JSON.stringify({ instances: [{ x: numbers }] });
  const tensors = JSON.stringify({
    inputs: [{ name: 'x', shape: [1, 64], datatype: 'FP32', data: numbers }],
  });
  const instancesFile = join(folder, 'instances.json');
  const tensorsFile = join(folder, 'tensors.json');
  writeFileSync(instancesFile, instances);
  writeFileSync(tensorsFile, tensors);

  const ours = await frontend('mlp', redisPort, [`modelPath: ${join(root, 'test/fixtures/models/mlp')}`]);
  const within = await withinWorker('within', redisPort, join(root, 'test/fixtures/models/mlp'));
  const [bare, fast, ml, grpc, scrape] = await Promise.all([1, 2, 3, 4, 5].map(freePort));
  const bareServer = start(process.execPath, [join(peers, 'bareFastify.mjs'), String(bare)]);
  const fastServer = start(
    bin('uvicorn'),
    ['fastapi_app:app', '--port', String(fast), '--log-level', 'warning'],
    {
      cwd: peers,
      env: { MODEL: mlp },
    },
  );
  const settings = {
    MLSERVER_HTTP_PORT: String(ml),
    MLSERVER_GRPC_PORT: String(grpc),
    MLSERVER_METRICS_PORT: String(scrape),
    MLSERVER_PARALLEL_WORKERS: '0',
    MLSERVER_DEBUG: 'false',
  };
  const mlServer = start(bin('mlserver'), ['start', '.'], {
    cwd: join(peers, 'mlserver'),
    env: { MODEL: mlp, ...settings },
  });
  const mlUrl = `http://127.0.0.1:${ml}/v2/models/mlp/infer`;
  const bareUrl = `http://127.0.0.1:${bare}/predict`;
  const fastUrl = `http://127.0.0.1:${fast}/predict`;
  await Promise.all([
    answering(bareUrl, instances),
    answering(fastUrl, instances),
    answering(mlUrl, tensors),
  ]);

  const idleFrom = cpuSeconds(ours.child.pid ?? 0);
  const idleSeconds = sized(10, 1);
  await new Promise((done) => setTimeout(done, idleSeconds * 1000));
  const idle = ((cpuSeconds(ours.child.pid ?? 0) - idleFrom) / idleSeconds) * 100;
  const { now } = memoryMb(ours.child.pid ?? 0);
  row(
    'idle: CPU of a core / memory',
    `${idle.toFixed(1)} % / ${now} MB`,
    '<= 0.5 % / <= 100 MB',
    idle <= 0.5 && now <= 100,
  );

  for (const connections of [64, 16, 1]) {
    const loads = { within: [], queue: [], bare: [], fast: [], ml: [] } as Record<Way, Load[]>;
    for (let round = 0; round < rounds; round++) {
      const among = [bareServer, fastServer, mlServer];
      const measure = (url: string, file: string, measured?: ChildProcess) =>
        alone(measured, among, () => load(url, connections, file, seconds));
      loads.bare.push(measure(bareUrl, instancesFile, bareServer));
      loads.within.push(measure(`${within.url}/predict`, instancesFile));
      loads.queue.push(measure(`${ours.url}/predict`, instancesFile));
      loads.fast.push(measure(fastUrl, instancesFile, fastServer));
      loads.ml.push(measure(mlUrl, tensorsFile, mlServer));
    }
    compareWays(connections, loads);
  }
}

type Way = 'within' | 'queue' | 'bare' | 'fast' | 'ml';

/** What is due of the way within a worker and of that through Redis, by connections. */
const due = {
  1: { overFast: 2.5, queueShare: 0.2 },
  16: { overFast: 3, share: 0.65, queueShare: 0.42 },
  64: { overFast: 3, share: 0.72, queueShare: 0.62 },
} as const;

function compareWays(connections: number, loads: Readonly<Record<Way, readonly Load[]>>): void {
  const [within, queue, bare, fast, ml] = (['within', 'queue', 'bare', 'fast', 'ml'] as const).map((way) =>
    middle(loads[way]),
  ) as [Load, Load, Load, Load, Load];
  const where = `${connections} connection${connections === 1 ? '' : 's'}`;
  console.log(
    `  ${where}: within the worker ${text(within)}; through Redis ${text(queue)}; bare ${text(bare)}; FastAPI ${text(fast)}; MLServer ${text(ml)}`,
  );
  const wanted: { overFast: number; share?: number; queueShare: number } =
    due[connections as keyof typeof due];
  const least = (name: string, value: number, atLeast: number) =>
    row(`${where}, ${name}`, value.toFixed(2), `>= ${atLeast}`, value >= atLeast);
  const most = (name: string, value: number, atMost: number) =>
    row(`${where}, ${name}`, value.toFixed(2), `<= ${atMost}`, value <= atMost);
  least('within the worker: times FastAPI + onnxruntime', within.perSecond / fast.perSecond, wanted.overFast);
  if (wanted.share === undefined) most('within the worker: p50 over bare Fastify', within.p50 / bare.p50, 2);
  else least('within the worker: share of bare Fastify', within.perSecond / bare.perSecond, wanted.share);
  if (connections === 64) most('within the worker: p99 over bare Fastify', within.p99 / bare.p99, 1.2);
  least('through Redis: share of bare Fastify', queue.perSecond / bare.perSecond, wanted.queueShare);
}

async function pictures(redisPort: number): Promise<void> {
  const model = makeModel(bin('python'), 'http/mean.py', join(folder, 'mean'));
  const { url } = await frontend('mean', redisPort, [`modelPath: ${model}`]);
  const { file, bytes: sent, headers } = writeBinaryRequest(folder);
  const { head, values } = image;
  writeFileSync(join(folder, 'json'), JSON.stringify({ inputs: [{ ...head, data: [...values] }] }));
  const infer = `${url}/v2/models/mean/infer`;
  const asBinary: Load[] = [];
  const asJson: Load[] = [];
  for (let round = 0; round < rounds; round++) {
    asBinary.push(load(infer, 4, file, seconds, headers));
    asJson.push(load(infer, 4, join(folder, 'json'), seconds));
  }
  const times = middle(asBinary).perSecond / middle(asJson).perSecond;
  const bytes = sent / values.byteLength;
  row(
    '3x224x224 as binary: times the JSON form',
    `${times.toFixed(1)} (${Math.round(middle(asBinary).perSecond)}/s)`,
    '>= 3',
    times >= 3,
  );
  row('3x224x224 as binary: bytes on the wire', `${bytes.toFixed(4)} x raw`, '<= 1.02', bytes <= 1.02);
}

const writeCnn = (): string => makeModel(bin('python'), 'peers/cnn.py', join(folder, 'cnn'));

/** How many pictures a second can be decoded and run at the best, both at the same time and with nothing around them. */
async function bareUploads(model: string, jpeg: Buffer): Promise<number> {
  const loaded = await loadModel({
    source: { type: 'onnx', file: join(model, 'cnn.onnx') },
    runtime: 'onnxruntime',
    place: '',
    copies: 1,
    threads: 1,
    batchSize: 1,
    workerFile: join(root, 'dist', 'modelWorker.mjs'),
    onDeath: (error) => {
      throw error;
    },
  });
  const name = loaded.inputs[0]?.name ?? '';
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const work = async () => {
    while (performance.now() < end) {
      const { data } = decodeImage(jpeg, { layout: 'chw', resize: { height: 224, width: 224 } });
      await loaded.run([{ name, type: 'float32', shape: [1, 3, 224, 224], data }]);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: loaded.slots }, work));
  await loaded.close();
  return count / seconds;
}

async function uploads(redisPort: number): Promise<void> {
  const model = writeCnn();
  const file = join(folder, 'picture.jpg');
  spawnSync(bin('python'), [join(peers, 'picture.py'), file], { stdio: 'inherit' });
  const jpeg = readFileSync(file);
  const { url } = await frontend('uploads', redisPort, [
    `modelPath: ${model}`,
    'imageResize: 224,224',
    'threadPerModel: 1',
  ]);
  const bare: number[] = [];
  const ours: Load[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await bareUploads(model, jpeg));
    ours.push(load(`${url}/predict`, 16, file, seconds, { 'Content-Type': 'image/jpeg' }));
  }
  const share = middle(ours).perSecond / median(bare);
  row(
    `a JPEG of ${Math.round(jpeg.length / 1024)} kB: share of what decoding and the model allow`,
    `${share.toFixed(2)} (${Math.round(middle(ours).perSecond)} of ${Math.round(median(bare))}/s)`,
    '>= 0.8',
    share >= 0.8,
  );
}

/** A heavy model, asked at twice the rate that it can take. */
async function overload(redisPort: number): Promise<void> {
  const model = writeCnn();
  const { url } = await frontend('cnn', redisPort, [`modelPath: ${model}`], '--parallelism=2');
  const head = {
    name: 'image',
    shape: [1, 3, 224, 224],
    datatype: 'FP32',
    parameters: { binary_data_size: 602_112 },
  };
  const outputs = [{ name: 'scores', parameters: { binary_data: true } }];
  const { outputs: known } = (await (await fetch(`${url}/v2/models/cnn`)).json()) as {
    outputs: { name: string }[];
  };
  const header = Buffer.from(
    JSON.stringify({ inputs: [head], outputs: outputs.map((one) => ({ ...one, name: known[0]?.name })) }),
  );
  const body = Buffer.concat([header, Buffer.alloc(602_112)]);
  const ask = async () => {
    const start = performance.now();
    const response = await fetch(`${url}/v2/models/cnn/infer`, {
      method: 'POST',
      body,
      headers: { 'inference-header-content-length': String(header.length) },
    });
    await response.arrayBuffer();
    return { ms: performance.now() - start, status: response.status };
  };
  for (let i = 0; i < 10; i++) await ask();
  const alone: number[] = [];
  for (let i = 0; i < sized(100, 10); i++) alone.push((await ask()).ms);
  const everyMs = median(alone) / 2;
  const answers: Promise<{ ms: number; status: number }>[] = [];
  for (const from = performance.now(); performance.now() < from + seconds * 1000;) {
    answers.push(ask());
    await new Promise((done) =>
      setTimeout(done, Math.max(0, from + answers.length * everyMs - performance.now())),
    );
  }
  const all = await Promise.all(answers);
  const accepted = all.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = all.filter(({ status }) => status !== 200).map(({ ms }) => ms);
  const times = percentile(accepted, 0.99) / percentile(alone, 0.99);
  row(
    'twice the rate: p99 of the accepted',
    `${times.toFixed(1)} x unloaded (${accepted.length} of ${all.length} accepted)`,
    '<= 3 x',
    times <= 3,
  );
  row(
    'twice the rate: p99 of the refused',
    `${percentile(refused, 0.99).toFixed(1)} ms`,
    '<= 20 ms',
    percentile(refused, 0.99) <= 20,
  );
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const redis = await startRedis();
  const parts = { rates, pictures, uploads, overload };
  const wanted = args.slice(2);
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await part(redis.port);
      for (const child of children.splice(0)) await end(child);
    }
  } finally {
    for (const child of children) await end(child);
    await redis.stop();
  }
  report('http', rows);
}

void main();
