import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { resultPrefix } from '../../../schemas/redis/redisKeys.ts';
import { deriveKeys } from '../../../server/src/encryption/deriveKeys.ts';
import { encryptModelFile } from '../../../server/src/encryption/modelCipher.ts';
import { decodeResult } from '../../../server/src/codec/decodeResult.ts';
import { dense, record } from '../../support/ask.ts';
import { pairOf, putSecret } from '../../support/encrypted.ts';
import { openvinoLibrary } from '../../support/openvino.ts';
import { eventually, startRedis, type TestRedis } from '../../support/redis.ts';
import { frameworksPython } from '../../support/frameworks.ts';
import { openWorkshop, type Workshop } from '../../support/serving.ts';
import { perVersion, writeVersionModel } from '../../support/versionModel.ts';

/* Exchanges the model of a worker again and again while it is asked over HTTP and through its queue. Each model adds its
   version to what it is sent, so that every answer says which model it is of. */

export const reloadKinds = ['onnx', 'encrypted', 'openvino', 'python'] as const;

export interface ReloadOptions {
  /** `openvino` is what runs a model of ONNX, `encrypted` one that ONNX Runtime runs. */
  readonly kind: (typeof reloadKinds)[number];
  /** Of reloads; every fifth is of something that cannot be served. */
  readonly count: number;
  /** Records of the queue, and requests, that are under way at a time. */
  readonly load: number;
}

export interface ReloadFindings {
  readonly reloads: number;
  readonly refused: number;
  readonly answers: { readonly http: number; readonly queue: number };
  /** What must not be: an answer that failed, is of no version, or of one that was not served then; a record without one. */
  readonly wrong: readonly string[];
  /** What the process has more at the end than after the first reloads. */
  readonly growth: { readonly descriptors: number; readonly threads: number; readonly megabytes: number };
}

interface Served {
  readonly redis: TestRedis;
  readonly workshop: Workshop;
  readonly name: string;
  readonly path: string;
  readonly folder: string;
  readonly url: string;
  readonly logFile: string;
  /** Of the process that stands for the worker. */
  readonly pid: number;
  close(): Promise<void>;
}

/** The first reloads of a process bring what it keeps. */
const firstReloads = 4;
const patienceMs = 60_000;
const secret = pairOf('open sesame', 'of the sea');
const keys = await deriveKeys(secret);
const deadlineMs = 60_000;

export async function tortureReloads({ kind, count, load }: ReloadOptions): Promise<ReloadFindings> {
  const served = await serveVersions(kind);
  const wrong: string[] = [];
  let refused = 0;
  /** The newest version that may answer, and the oldest that may still. */
  const window = { oldest: 1, newest: 1 };
  const traffic = startTraffic(served, load, window, wrong);
  try {
    let before: Footprint | undefined;
    for (let i = 1; i <= count; i++) {
      const isBroken = i % 5 === 0;
      if (isBroken) spoil(served, kind, i);
      else {
        window.newest += 1;
        writeModel(served.folder, kind, window.newest);
      }
      const response = await fetch(`${served.url}/v2/repository/models/${served.name}/load`, {
        method: 'POST',
      });
      const text = await response.text();
      if (response.status !== (isBroken ? 409 : 200)) wrong.push(`reload ${i}: ${response.status} ${text}`);
      if (isBroken) {
        refused += 1;
        repair(served, kind, window.newest);
      } else window.oldest = window.newest;
      if (i === Math.min(firstReloads, count)) before = await settledFootprint(served, traffic);
    }
    const after = await settledFootprint(served, traffic);
    await traffic.end();
    return {
      reloads: count,
      refused,
      answers: traffic.answers,
      wrong,
      growth: growthOf(before ?? after, after),
    };
  } finally {
    await traffic.end();
    await served.close();
  }
}

/** Kills the process at each step of a reload; a worker that dies five times in a row is not started again.
 *  @returns what must not be */
export async function killAtSteps(steps: readonly string[]): Promise<readonly string[]> {
  const served = await serveVersions('onnx');
  const wrong: string[] = [];
  try {
    for (const [i, step] of steps.entries()) {
      const version = i + 2;
      const from = statSync(served.logFile).size;
      const uris = Array.from({ length: 50 }, (_, k) => `${step}-${k}`);
      writeModel(served.folder, 'onnx', version);
      const asked = fetch(`${served.url}/v2/repository/models/${served.name}/load`, { method: 'POST' });
      asked.catch(() => undefined);
      const sent = enqueue(served, uris);
      const pid = childOf(served.pid);
      await until(() => readFileSync(served.logFile).subarray(from).includes(`reload: ${step}\n`));
      process.kill(pid, 'SIGKILL');
      await sent;
      for (const uri of uris) {
        const found = versionOf(await resultOf(served, uri), Number(uri.split('-').at(-1)));
        if (found !== version && found !== version - 1) wrong.push(`${uri}: version ${found}`);
      }
      // What starts again serves what is in the folder.
      await eventually(
        `version ${version} after a death at ${step}`,
        () =>
          askHttp(served, 1).then(
            (answer) => versionOf(answer, 1) === version,
            () => false,
          ),
        patienceMs,
      );
    }
    return wrong;
  } finally {
    await served.close();
  }
}

async function serveVersions(kind: ReloadOptions['kind']): Promise<Served> {
  const redis = await startRedis();
  const name = `reloads-${kind}`;
  const workshop = openWorkshop(name);
  const folder = join(workshop.folder, 'model');
  writeModel(folder, kind, 1);
  const path = workshop.config(
    name,
    [
      `modelPath: ${folder}`,
      `jobName: ${name}`,
      `redisUrl: 127.0.0.1:${redis.port}`,
      // Only what the test asks for is a reload.
      'reload: off',
      'httpPort: 0',
      'httpInterface: 127.0.0.1',
      'claimIdleMs: 500',
      ...settingsOf(kind),
    ].join('\n'),
  );
  if (kind === 'encrypted') await putSecret(redis, 'model', secret);
  const line = (await workshop.must('start', '-c', path, '--json')).trim().split('\n').at(-1) ?? '';
  const { httpUrl, workers } = (
    JSON.parse(line) as { started: { httpUrl: string; workers: { pid: number; logFile: string }[] } }
  ).started;
  const [worker] = workers as [{ pid: number; logFile: string }];
  return {
    redis,
    workshop,
    name,
    path,
    folder,
    url: httpUrl,
    ...worker,
    async close() {
      await workshop.close();
      await redis.stop();
    },
  };
}

function settingsOf(kind: ReloadOptions['kind']): readonly string[] {
  if (kind === 'python') return [`python: ${frameworksPython()}`];
  if (kind === 'openvino') return ['runtime: openvino', `openvinoPath: ${dirname(openvinoLibrary())}`];
  return kind === 'encrypted' ? ['modelEncrypted: true'] : [];
}

function modelFile(kind: ReloadOptions['kind']): string {
  return kind === 'python' ? 'model.py' : 'm.onnx';
}

function writeModel(folder: string, kind: ReloadOptions['kind'], version: number): void {
  if (kind !== 'python') {
    const seal = (plain: Buffer) => encryptModelFile(plain, keys, 256);
    writeVersionModel(join(folder, modelFile(kind)), { version }, kind === 'encrypted' ? seal : undefined);
    return;
  }
  mkdirSync(folder, { recursive: true });
  const program = [
    'INPUTS = {"x": ("float32", [None, 1])}',
    'OUTPUTS = {"y": ("float32", [None, 1])}',
    'def predict(inputs):',
    `    return {"y": inputs["x"] + ${version * perVersion}}`,
    '',
  ];
  const part = join(folder, '.part');
  writeFileSync(part, program.join('\n'));
  renameSync(part, join(folder, 'model.py'));
}

/** A model that is none, that is of another shape while records wait, or a config that is broken, in turn. */
function spoil(served: Served, kind: ReloadOptions['kind'], turn: number): void {
  if (turn % 2 === 0) writeFileSync(served.path, `${readFileSync(served.path, 'utf8')}\nbatchSize: many\n`);
  else writeFileSync(join(served.folder, modelFile(kind)), 'def no model');
}

function repair(served: Served, kind: ReloadOptions['kind'], version: number): void {
  writeFileSync(served.path, readFileSync(served.path, 'utf8').replace('\nbatchSize: many\n', ''));
  rmSync(join(served.folder, modelFile(kind)), { force: true });
  writeModel(served.folder, kind, version);
}

interface Traffic {
  readonly answers: { readonly http: number; readonly queue: number };
  /** Nothing is under way until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  end(): Promise<void>;
}

/** Clients that ask without an end, and check what they get. */
function startTraffic(
  served: Served,
  load: number,
  window: { readonly oldest: number; readonly newest: number },
  wrong: string[],
): Traffic {
  const answers = { http: 0, queue: 0 };
  let ended = false;
  let paused: Promise<void> | undefined;
  let resume: () => void = () => undefined;
  let loops: Promise<unknown>[] = [];
  let busy = 0;

  function check(way: 'http' | 'queue', answer: unknown, x: number, oldest: number): void {
    answers[way] += 1;
    const version = versionOf(answer, x);
    if (!(Number.isInteger(version) && version >= oldest && version <= window.newest))
      wrong.push(`${way}: ${JSON.stringify(answer)} for ${x}, with ${oldest} to ${window.newest} served`);
  }

  async function loop(turn: (x: number) => Promise<void>): Promise<void> {
    for (let x = 1; !ended; x = (x % 900) + 1) {
      await paused;
      busy += 1;
      try {
        await turn(x);
      } catch (error) {
        wrong.push(String(error));
        // What is down stays down, and one line says it.
        return;
      } finally {
        busy -= 1;
      }
    }
  }

  let batches = 0;
  loops = [
    ...Array.from({ length: load }, () =>
      loop(async (x) => {
        const { oldest } = window;
        check('http', await askHttp(served, x), x, oldest);
      }),
    ),
    loop(async () => {
      const { oldest } = window;
      const uris = Array.from({ length: load }, (_, k) => `${batches}-${k}`);
      batches += 1;
      await enqueue(served, uris);
      for (const [k, uri] of uris.entries()) check('queue', await resultOf(served, uri), k, oldest);
      await served.redis.client.del(uris.map((uri) => resultPrefix(served.name) + uri));
    }),
  ];

  return {
    answers,
    async pause() {
      paused = new Promise((resolve) => (resume = resolve));
      await eventually('the clients pause', () => Promise.resolve(busy === 0), patienceMs);
    },
    resume() {
      paused = undefined;
      resume();
    },
    async end() {
      ended = true;
      resume();
      await Promise.all(loops);
    },
  };
}

async function askHttp({ url, name }: Served, x: number): Promise<unknown> {
  const inputs = [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [x] }];
  const response = await fetch(`${url}/v2/models/${name}/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs }),
    headers: { 'x-deadline-ms': String(deadlineMs) },
  });
  const text = await response.text();
  if (response.status !== 200) return `${response.status} ${text}`;
  return (JSON.parse(text) as { outputs: [{ data: [number] }] }).outputs[0].data[0];
}

/** Each record has its place among the uris as its number. */
async function enqueue({ redis, name }: Served, uris: readonly string[]): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (const uri of uris) {
    const x = Number(uri.split('-').at(-1));
    pipeline.xadd(name, '*', 'uri', uri, 'data', record({ x: dense([1], [x]) }));
  }
  await pipeline.exec();
}

async function resultOf({ redis, name }: Served, uri: string): Promise<unknown> {
  const text = await eventually(
    `a result for ${uri}`,
    async () => (await redis.client.hget(resultPrefix(name) + uri, 'value')) ?? undefined,
    patienceMs,
  );
  if (text === 'NaN') return text;
  const [output] = decodeResult(text) as unknown as [{ data: ArrayLike<number> }];
  return output.data[0];
}

/** NaN for what is of no version. */
function versionOf(answer: unknown, x: number): number {
  return typeof answer === 'number' ? (answer - x) / perVersion : NaN;
}

interface Footprint {
  readonly descriptors: number;
  readonly threads: number;
  readonly megabytes: number;
}

/** While nothing is under way. */
async function settledFootprint(served: Served, traffic: Traffic): Promise<Footprint> {
  await traffic.pause();
  const pid = childOf(served.pid);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const found = {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024,
  };
  traffic.resume();
  return found;
}

function growthOf(before: Footprint, after: Footprint): Footprint {
  return {
    descriptors: after.descriptors - before.descriptors,
    threads: after.threads - before.threads,
    megabytes: Math.round(after.megabytes - before.megabytes),
  };
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never happened');
    await setImmediate();
  }
}
