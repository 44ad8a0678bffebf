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
afterEach(async () => {
  await eventually('it answers again', async () => (await predict()).status === 200, 5_000);
});

/** Numbers whose text is found again where they are logged, as Arrow and as JSON. */
const numbers = row(7);
const body = { instances: [{ x: numbers }] };
const predict = (deadlineMs = 2_000) =>
  post(`${frontend.url}/predict`, body, { 'x-deadline-ms': String(deadlineMs) });
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

describe.each(Object.entries(faults))('a Redis that %s', (_, { begin, end, code, says }) => {
  test('is a 503 with one true sentence for every client, at once and while it lasts', async () => {
    await begin();
    try {
      // Whatever the first one meets, from when the trouble is known all meet the same.
      await predict();
      const statuses = new Set<number>();
      const until = performance.now() + 6_500;
      while (performance.now() < until) {
        const { status, json, headers } = await predict();
        statuses.add(status);
        expect(headers.get('retry-after')).toBe('1');
        expect(json.error).toMatch(says);
        expect(json.error).not.toMatch(/unexpected|died/);
        expect(['not-ready', json.code]).toContain(json.code);
        if (json.code !== 'not-ready') expect(json.code).toMatch(code);
        const ready = await ask(`${frontend.url}/ready`);
        if (ready.status === 503) expect(ready.json.error).not.toMatch(/unexpected|died/);
      }
      expect([...statuses]).toEqual([503]);
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
