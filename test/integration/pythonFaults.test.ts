import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadFields } from '../../schemas/redis/redisKeys.ts';
import { dense, outputsOf, record } from '../support/ask.ts';
import { frameworksPython } from '../support/frameworks.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, type Workshop } from '../support/serving.ts';

// What a model that Python runs may do to its worker: one answers twice what it gets, unless the first number says otherwise.

const program = `
import os, signal, sys, time

INPUTS = {"x": ("float32", [None, 2])}
crash, hang, flood, hold, refuse = -101.0, -102.0, -103.0, -104.0, -105.0


def predict(inputs):
    first = inputs["x"][:, 0]
    if (first == crash).any():
        os.kill(os.getpid(), signal.SIGSEGV)
    while (first == hang).any():
        time.sleep(1)
    while (first == flood).any():
        print("x" * 10000)
    if (first == hold).any():
        # One step of the interpreter: no thread gets its turn.
        7 ** (10 ** 9)
    if (first == refuse).any():
        raise ValueError("not this one")
    return {"y": inputs["x"] * 2}
`;
const faults = { crash: -101, hang: -102, flood: -103, hold: -104, refuse: -105 };

let shop: Workshop;
let redis: TestRedis;

beforeAll(async () => {
  shop = openWorkshop();
  redis = await startRedis();
});

afterAll(async () => {
  await shop.close();
  await redis.stop();
});

async function start(jobName: string, more = ''): Promise<string> {
  const lines = [
    'modelPath: .',
    `jobName: ${jobName}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
    `python: ${frameworksPython()}`,
    'inferenceTimeoutMs: 500',
    'maxDeliveries: 2',
    more,
  ];
  const path = shop.config(jobName, `${lines.join('\n')}\n`);
  writeFileSync(join(path, '..', 'model.py'), program);
  await shop.must('start', '-c', path);
  return path;
}

async function fill(jobName: string, firsts: readonly number[], from = 0): Promise<void> {
  const pipeline = redis.client.pipeline();
  firsts.forEach((first, i) =>
    pipeline.xadd(jobName, '*', 'uri', `r${from + i}`, 'data', record({ x: dense([2], [first, i]) })),
  );
  await pipeline.exec();
}

async function workerOf(path: string): Promise<number> {
  const jobName = basename(dirname(path));
  const job = (await shop.jobs(path)).find((each) => each.jobName === jobName);
  return job?.workers[0]?.registration.pid ?? NaN;
}

/** The processes of Python that a worker has started. */
function pythonsOf(worker: number): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      return Number(parent) === worker && readlinkSync(`/proc/${name}/exe`).includes('python')
        ? [Number(name)]
        : [];
    } catch {
      return [];
    }
  });
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended, and its parent has not asked yet.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const deadLetters = async (jobName: string) =>
  ((await redis.client.xrange(`${jobName}:dead`, '-', '+')) as [string, string[]][]).map(([, fields]) => {
    const of = (name: string) => fields[fields.indexOf(name) + 1];
    return [of('uri'), of(deadFields.reason)];
  });

test.each(['crash', 'hang', 'flood'] as const)(
  'a record that makes the model %s is put aside alone, and the records beside it are answered',
  async (fault) => {
    const path = await start(fault);
    const worker = await workerOf(path);
    const firsts = Array.from({ length: 20 }, (_, i) => (i === 7 ? faults[fault] : i));
    await fill(fault, firsts);
    for (const [i, first] of firsts.entries())
      expect(await outputsOf(redis, fault, `r${i}`)).toEqual(
        i === 7 ? 'NaN' : [{ shape: [2], data: [2 * first, 2 * i] }],
      );
    expect(await deadLetters(fault)).toEqual([
      ['r7', expect.stringMatching(/^delivery-limit: 2 processes died or hung/) as string],
    ]);
    // The worker has lived through it, and another job would not have noticed.
    expect(await workerOf(path)).toBe(worker);
    await fill(fault, [1, 2, 3], 100);
    for (const i of [0, 1, 2])
      expect(await outputsOf(redis, fault, `r${100 + i}`)).toEqual([
        { shape: [2], data: [2 * i + 2, 2 * i] },
      ]);
    const log = (await shop.cli('logs', '-c', path, '-n', '100000')).stdout;
    expect(log).toContain(fault === 'crash' ? 'SIGSEGV' : 'did not answer within 500 ms');
    expect(log.length).toBeLessThan(200_000);
  },
);

test('a record that the model refuses has the reason, and its process lives', async () => {
  const path = await start('refuse');
  const [python] = pythonsOf(await workerOf(path));
  await fill('refuse', [1, faults.refuse, 3]);
  expect(await outputsOf(redis, 'refuse', 'r2')).toEqual([{ shape: [2], data: [6, 4] }]);
  expect(await outputsOf(redis, 'refuse', 'r1')).toBe('NaN');
  expect(await deadLetters('refuse')).toEqual([
    ['r1', 'model-run-failed: The model failed: ValueError: not this one'],
  ]);
  expect(pythonsOf(await workerOf(path))).toEqual([python]);
});

test('no record is lost when the process is killed again and again', async () => {
  const path = await start('killed', 'maxDeliveries: 50');
  const worker = await workerOf(path);
  const count = 3_000;
  await fill(
    'killed',
    Array.from({ length: count }, (_, i) => i),
  );
  for (let kills = 0; kills < 3; kills++) {
    const [python] = await eventually('a process', () => {
      const found = pythonsOf(worker);
      return Promise.resolve(found.length > 0 && found);
    });
    if (python !== undefined) process.kill(python, 'SIGKILL');
    await eventually('its end', () => Promise.resolve(!pythonsOf(worker).includes(python ?? 0)));
  }
  for (let i = 0; i < count; i++)
    expect(await outputsOf(redis, 'killed', `r${i}`)).toEqual([{ shape: [2], data: [2 * i, 2 * i] }]);
  expect(await deadLetters('killed')).toEqual([]);
});

test.each(['hold', 'hang'] as const)(
  'no process is left when a worker is killed while its model is made to %s',
  async (fault) => {
    const jobName = `orphan-${fault}`;
    const path = await start(jobName, 'inferenceTimeoutMs: 600000');
    const worker = await workerOf(path);
    const [python = NaN] = pythonsOf(worker);
    await fill(jobName, [faults[fault]]);
    await eventually('the record in flight', async () => {
      const [group] = (await redis.client.xinfo('GROUPS', jobName)) as [unknown[]];
      return Number(group[group.indexOf('pending') + 1]) === 1;
    });
    process.kill(worker, 'SIGKILL');
    await eventually('the end of Python', () => Promise.resolve(!isAlive(python)));
  },
);

test('a stop leaves no process behind', async () => {
  const path = await start('stopped');
  const [python = NaN] = pythonsOf(await workerOf(path));
  expect(isAlive(python)).toBe(true);
  await shop.must('stop', '-c', path);
  await eventually('the end of Python', () => Promise.resolve(!isAlive(python)));
});
