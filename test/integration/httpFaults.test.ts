import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { ask, post, row, startFrontend, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;

beforeAll(async () => {
  redis = await startRedis('--busy-reply-threshold', '100', '--repl-diskless-sync-delay', '0');
  workshop = openWorkshop();
  const lines = [
    `modelPath: ${join(models, 'mlp')}`,
    'jobName: mlp',
    `redisUrl: 127.0.0.1:${redis.port}`,
    'redisTimeout: 1000',
  ];
  const path = workshop.config('mlp', lines.join('\n'));
  await workshop.must('start', '-c', path);
  frontend = await startFrontend('-c', path);
});
afterAll(async () => {
  frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});
// A Redis that has lost its data knows no worker until that reports again: only what is read from now on counts.
afterEach(async () => {
  const began = performance.now();
  await eventually('it answers again', async () => {
    const look = await redisCheck();
    return look.ready && look.ageMs < performance.now() - began && (await predict()).status === 200;
  });
});

/** Numbers whose text is found again where they are logged, as Arrow and as JSON. */
const numbers = row(7);
const body = { instances: [{ x: numbers }] };
/** A command and a new connection may each take as long as redisTimeout, and a busy machine adds to it: the deadline of
 *  the request is not what is to end it. */
const deadlineMs = 30_000;
const predict = () => post(`${frontend.url}/predict`, body, { 'x-deadline-ms': String(deadlineMs) });
const config = (name: string, value: string) => redis.client.config('SET', name, value);

function signal(name: NodeJS.Signals): Promise<void> {
  redis.signal(name);
  return Promise.resolve();
}

interface Fault {
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
  readonly code: RegExp;
  readonly says: RegExp;
  /** Reads are answered and the worker's reports arrive, so the frontend stays ready and each request meets the fault. */
  readonly staysReady?: boolean;
}

const faults: Readonly<Record<string, Fault>> = {
  'is a replica': {
    begin: () => redis.client.replicaof('127.0.0.1', '1'),
    end: () => redis.client.replicaof('NO', 'ONE'),
    code: /^redis-replica$/,
    says: /replica/,
  },
  'is full': {
    begin: () => config('maxmemory', '1'),
    end: () => config('maxmemory', '0'),
    code: /^redis-full$/,
    says: /maxmemory/,
  },
  'has too few replicas': {
    begin: () => config('min-replicas-to-write', '1'),
    end: () => config('min-replicas-to-write', '0'),
    code: /^redis-refusing$/,
    says: /replicas/,
  },
  'may not be written to by the user': {
    begin: () => redis.client.call('ACL', 'SETUSER', 'default', '-xadd'),
    end: () => redis.client.call('ACL', 'SETUSER', 'default', '+@all'),
    code: /^redis-rights$/,
    says: /doctor/,
    staysReady: true,
  },
  'may not be asked by the user': {
    begin: () => redis.client.call('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
    end: () => redis.client.call('ACL', 'SETUSER', 'default', '+@all'),
    code: /^redis-rights$/,
    says: /doctor/,
  },
  'is stopped in its tracks': {
    begin: () => signal('SIGSTOP'),
    end: () => signal('SIGCONT'),
    code: /^redis-timeout$/,
    says: /answer/,
  },
  'is gone': {
    begin: () => redis.kill(),
    end: () => redis.start(),
    code: /^redis-(refused|lost)$/,
    says: /Redis at 127/,
  },
};

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly ageMs: number;
}

/** What the frontend knows of Redis, and since when; `ready` is of all that it knows. */
async function redisCheck(): Promise<Check & { readonly ready: boolean }> {
  const { status, json } = await ask(`${frontend.url}/health`);
  const found = (json.checks as readonly Check[]).find(({ name }) => name === 'redis');
  if (!found) throw new Error(`/health has no check of Redis: ${JSON.stringify(json)}`);
  return { ...found, ready: status === 200 };
}

/** Whether the frontend has looked at Redis since then, and knows what is wrong where a look shows it.
 *  @param began  in ms by the monotonic clock */
async function hasNoticed(began: number, staysReady: boolean): Promise<boolean> {
  const { ok, ageMs } = await redisCheck();
  return staysReady ? ageMs < performance.now() - began : !ok;
}

async function expectFault({ code, says }: Fault): Promise<void> {
  const { status, json, headers } = await predict();
  expect([status, json.error]).toEqual([503, expect.stringMatching(says)]);
  expect(headers.get('retry-after')).toBe('1');
  expect(json.error).not.toMatch(/unexpected|died/);
  if (json.code !== 'not-ready') expect(json.code).toMatch(code);
  const ready = await ask(`${frontend.url}/ready`);
  if (ready.status === 503) expect(ready.json.error).not.toMatch(/unexpected|died/);
}

describe.each(Object.entries(faults))('a Redis that %s', (_, fault) => {
  test('is a 503 with one true sentence for every client, at once and while it lasts', async () => {
    const { begin, end, staysReady = false } = fault;
    await begin();
    const began = performance.now();
    try {
      // What the first one meets may differ; from when the trouble is known all meet the same.
      expect((await predict()).status).toBe(503);
      for (let i = 0; i < 3; i += 1) await expectFault(fault);
      await eventually('it is noticed', () => hasNoticed(began, staysReady), 30_000);
      for (let i = 0; i < 3; i += 1) await expectFault(fault);
    } finally {
      await end();
    }
    expect(frontend.output).not.toMatch(/unexpectedly|ReplyError/);
    expect(frontend.output).not.toContain(String(numbers[3]));
    expect(frontend.output).not.toMatch(/[A-Za-z0-9+/]{200}/);
  });
});

test('a script of another client that does not end is a 503, too', async () => {
  const spinning = redis.client.duplicate();
  spinning.on('error', () => undefined);
  const spun = spinning.eval('while true do end', 0).catch(() => undefined);
  await eventually('it is busy', async () =>
    redis.client.ping().then(
      () => false,
      (error: unknown) => String(error).includes('BUSY'),
    ),
  );
  const { status, json } = await predict();
  await redis.client.script('KILL');
  await spun;
  spinning.disconnect();
  expect([status, json.error]).toEqual([503, expect.stringMatching(/busy/)]);
});

test('a value that is too large for Redis is not one to send again', async () => {
  await config('proto-max-bulk-len', '1mb');
  const large = { instances: [{ x: Array.from({ length: 200_000 }, (_, i) => i / 7) }] };
  const { status, json } = await post(`${frontend.url}/predict`, large);
  await config('proto-max-bulk-len', '512mb');
  // The model refuses the shape before Redis sees it; either way it is the request's own.
  expect([400, 413]).toContain(status);
  expect(json.error).not.toMatch(/unexpected/);
});
