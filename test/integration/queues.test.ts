import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  ChangeReport,
  DeadLetter,
  Page,
  PendingRecord,
  WaitingRecord,
  QueueEvent,
  QueueReport,
  RecordPreview,
} from '../../schemas/redis/queueReports.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { eventually, freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
/** A job that nothing serves: its queue is filled by hand. */
let idle: string;

beforeAll(async () => {
  redis = await startRedis('--appendfsync', 'no');
  shop = openWorkshop();
  idle = serving('idle', 'echo');
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});
beforeEach(() => redis.client.del('idle', 'idle:dead', 'cluster-serving_idle:one'));

function serving(jobName: string, model: string, more = '', folder = jobName): string {
  return shop.config(
    folder,
    `modelPath: ${join(models, model)}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );
}

async function queue<T>(config: string, ...args: string[]): Promise<T> {
  return JSON.parse(await shop.must('queue', ...args, '-c', config, '--json')) as T;
}

const letters = (config: string, ...args: string[]) => queue<Page<DeadLetter>>(config, 'dead', ...args);
const resultOf = (uri: string) => redis.client.hget(`cluster-serving_idle:${uri}`, 'value');
const two = record({ x: dense([2], [1, 2]) });

/** Gives all that waits to a consumer that never answers. */
async function deliver(consumer = 'cs-away'): Promise<void> {
  await redis.client
    .xgroup('CREATE', 'idle', 'serving', '0-0', 'MKSTREAM')
    .catch((error: unknown) => expect(String(error)).toContain('BUSYGROUP'));
  await redis.client.xreadgroup('GROUP', 'serving', consumer, 'COUNT', 1_000_000, 'STREAMS', 'idle', '>');
}

async function put1(uri = 'one', data = two): Promise<string> {
  return (await redis.client.xadd('idle', '*', 'uri', uri, 'data', data)) ?? '';
}

describe('a record that was given up', () => {
  const wrong = record({ x: dense([3], [1, 2, 3]) });

  test('is listed with its reason and worker, and is answered when it is put back after the mistake is corrected', async () => {
    const config = serving('mended', 'mlp');
    await shop.must('start', '-c', config);
    await put(redis, 'mended', 'one', wrong);
    await eventually('a NaN', async () => (await outputsOf(redis, 'mended', 'one')) === 'NaN');
    const { records } = await letters(config);
    const [worker] = (await shop.jobs(config)).find(({ jobName }) => jobName === 'mended')?.workers ?? [];
    expect(records).toMatchObject([{ uri: 'one', deliveries: 1, requeued: 0 }]);
    expect(records[0]?.reason).toMatch(/^input-mismatch: /);
    expect(records[0]?.worker).toBe(`${worker?.registration.pid ?? 0}@${worker?.registration.host ?? ''}`);

    await shop.must('stop', 'mended', '-c', config);
    const mended = serving('mended', 'echo', '', 'mended2');
    await shop.must('start', '-c', mended);
    expect(await queue<ChangeReport>(mended, 'requeue', 'mended', records[0]?.id ?? '')).toMatchObject({
      done: 1,
      refused: [],
    });
    expect(
      await eventually('a result', async () => {
        const found = await outputsOf(redis, 'mended', 'one');
        return found !== 'NaN' && found;
      }),
    ).toEqual([{ shape: [3], data: [1, 2, 3] }]);
    expect((await letters(mended)).records).toEqual([]);
    await shop.must('stop', 'mended', '-c', mended);
  });

  test('goes back with its original fields and a count of how often, and loses only a NaN', async () => {
    const id = await put1();
    const bare =
      (await redis.client.xadd(
        'idle',
        '*',
        'uri',
        'two',
        'data',
        two,
        'deadline',
        '1',
        'shared-by',
        '2',
        'mine',
        'x',
      )) ?? '';
    await queue(idle, 'kill', id, bare);
    expect([await resultOf('one'), await resultOf('two')]).toEqual(['NaN', 'NaN']);
    await redis.client.hset('cluster-serving_idle:two', 'value', '[[1,2.0]]');
    expect(await queue<ChangeReport>(idle, 'requeue', '--all')).toMatchObject({ done: 2 });
    const entries = await redis.client.xrange('idle', '-', '+');
    expect(entries.map(([, fields]) => fields)).toEqual([
      ['uri', 'one', 'data', two, 'requeued', '1'],
      ['uri', 'two', 'data', two, 'mine', 'x', 'requeued', '1'],
    ]);
    expect([await resultOf('one'), await resultOf('two')]).toEqual([null, '[[1,2.0]]']);
    await queue(idle, 'kill', entries[0]?.[0] ?? '');
    expect((await letters(idle)).records).toMatchObject([{ uri: 'one', requeued: 1 }]);
    await redis.client.del('cluster-serving_idle:two');
  });

  test('is refused by a full Redis without being lost', async () => {
    await queue(idle, 'kill', await put1());
    const [letter] = (await letters(idle)).records;
    await redis.client.config('SET', 'maxmemory', '1');
    const { code } = await shop.cli('queue', 'requeue', letter?.id ?? '', '-c', idle);
    await redis.client.config('SET', 'maxmemory', '0');
    expect(code).toBe(1);
    expect((await letters(idle)).records).toEqual([letter]);
    expect(await resultOf('one')).toBe('NaN');
  });

  test('of which some have gone is reported one by one, with exit code 1', async () => {
    await queue(idle, 'kill', await put1());
    const [letter] = (await letters(idle)).records;
    const { code, stdout } = await shop.cli(
      'queue',
      'requeue',
      '1-1',
      letter?.id ?? '',
      '-c',
      idle,
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ done: 1, refused: [{ id: '1-1' }] });
  });

  test('is shown in pages, the newest first', async () => {
    for (const uri of ['a', 'b', 'c']) await queue(idle, 'kill', await put1(uri));
    const first = await letters(idle, '--count', '2');
    const second = await letters(idle, '--count', '2', '--after', first.next ?? '');
    expect([first, second].map(({ records }) => records.map(({ uri }) => uri))).toEqual([['c', 'b'], ['a']]);
    expect(second.next).toBeUndefined();
  });
});

describe('killing', () => {
  test('a record that a worker has drops what the worker makes of it', async () => {
    const id = await put1();
    await deliver();
    await queue(idle, 'kill', 'idle', id);
    expect(await resultOf('one')).toBe('NaN');
    expect(await redis.client.xack('idle', 'serving', id)).toBe(0);
    expect((await letters(idle)).records).toMatchObject([
      { consumer: 'cs-away', deliveries: 1, originalId: id },
    ]);
  });

  test('is announced to a frontend that waits for it', async () => {
    const id = await put1('http-1');
    const heard = redis.client.duplicate();
    await heard.subscribe('cluster-serving:answered:idle');
    const message = once(heard, 'message');
    await queue(idle, 'kill', id);
    expect(await message).toEqual(['cluster-serving:answered:idle', 'http-1\nNaN']);
    heard.disconnect();
    await redis.client.del('cluster-serving_idle:http-1');
  });

  test('what is answered or unknown is refused and changes nothing', async () => {
    const id = await put1();
    await deliver();
    await redis.client.xack('idle', 'serving', id);
    const { code, stdout } = await shop.cli('queue', 'kill', id, '5-5', '-c', idle, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ done: 0, refused: [{ id }, { id: '5-5' }] });
    expect(await redis.client.exists('idle:dead', 'cluster-serving_idle:one')).toBe(0);
  });
});

describe('100,000 waiting records', () => {
  test('are paged from the first that no worker was given, each page as fast as the first', async () => {
    await put1('given', 'x');
    await deliver();
    const fill = 'for i = 1, 10000 do redis.call("XADD", KEYS[1], "*", "uri", i, "data", "x") end';
    for (let i = 0; i < 10; i++) await redis.client.eval(fill, 1, 'idle');
    await redis.client.config('RESETSTAT');
    const first = await queue<Page<WaitingRecord>>(idle, 'waiting');
    expect(first.records).toHaveLength(100);
    expect(first.records[0]).toMatchObject({ uri: '1', requeued: 0 });
    const second = await queue<Page<WaitingRecord>>(idle, 'waiting', '--after', first.next ?? '');
    expect(second.records.map(({ uri }) => uri)).toEqual(Array.from({ length: 100 }, (_, i) => `${i + 101}`));
    const last = (await redis.client.xrevrange('idle', '+', '-', 'COUNT', 2))[1]?.[0] ?? '';
    const end = await queue<Page<WaitingRecord>>(idle, 'waiting', '--after', last);
    expect(end.records.map(({ uri }) => uri)).toEqual(['10000']);
    expect(end.next).toBeUndefined();
    const calls = [...(await redis.client.info('commandstats')).matchAll(/calls=(\d+)/g)];
    expect(calls.reduce((sum, [, n]) => sum + Number(n), 0)).toBeLessThan(500);
  });

  test('are shown without their payloads, and in smaller pages where these are large', async () => {
    for (let i = 0; i < 6; i++) await put1(String(i), 'x'.repeat(1_500_000));
    const page = await queue<Page<WaitingRecord>>(idle, 'waiting');
    expect(page.records.map(({ uri }) => uri)).toEqual(['0', '1', '2']);
    expect(JSON.stringify(page).length).toBeLessThan(1_000);
    const rest = await queue<Page<WaitingRecord>>(idle, 'waiting', '--after', page.next ?? '');
    expect(rest.records.map(({ uri }) => uri)).toEqual(['3', '4', '5']);
  });
});

describe('100,000 pending records', () => {
  test('are paged, each page as fast as the first', async () => {
    const fill = 'for i = 1, 10000 do redis.call("XADD", KEYS[1], "*", "uri", i, "data", "x") end';
    for (let i = 0; i < 10; i++) await redis.client.eval(fill, 1, 'idle');
    await deliver();
    const began = performance.now();
    const first = await queue<Page<PendingRecord>>(idle, 'pending');
    console.log(
      `first page of 100,000: ${Math.round(performance.now() - began)} ms with the start of the program`,
    );
    expect(first.records).toHaveLength(100);
    expect(first.records[0]).toMatchObject({ uri: '1', consumer: 'cs-away', deliveries: 1 });
    const second = await queue<Page<PendingRecord>>(
      idle,
      'pending',
      '--count',
      '1000',
      '--after',
      first.next ?? '',
    );
    expect(second.records).toHaveLength(1000);
    expect(second.records[0]?.id).not.toBe(first.records[99]?.id);
    const last = (await redis.client.xrevrange('idle', '+', '-', 'COUNT', 2))[1]?.[0] ?? '';
    const end = await queue<Page<PendingRecord>>(idle, 'pending', '--after', last);
    expect(end).toMatchObject({ records: [{ deliveries: 1 }] });
    expect(end.next).toBeUndefined();
  });

  test('make Redis do a bounded number of commands, none of which reads all', async () => {
    const names = ['waiting', 'pending', 'dead', 'peek', 'list'];
    for (let i = 0; i < 2_000; i++) await put1(String(i), 'x');
    await deliver();
    await redis.client.config('RESETSTAT');
    for (const name of names) await queue(idle, name);
    const stats = await redis.client.info('commandstats');
    expect(stats).not.toMatch(/cmdstat_(keys|scan|xread|xdel|xadd|del|set|hset|xack|xclaim)[:|]/);
    const calls = [...stats.matchAll(/calls=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    expect(calls).toBeLessThan(500);
  });
});

describe('peek', () => {
  const peek = async (...args: string[]) =>
    (await queue<{ records: RecordPreview[] }>(idle, 'peek', ...args)).records;
  const image = readFileSync(join(root, 'test', 'fixtures', 'wire', 'images', 'tiny.jpg')).toString('base64');

  test('shows a tensor with its shape and statistics', async () => {
    await put1('one', record({ x: dense([2, 2], [1, 2, 3, -6]) }));
    expect(await peek()).toMatchObject([
      {
        uri: 'one',
        state: 'waiting',
        inputs: [
          {
            name: 'x',
            kind: 'tensor',
            dtype: 'float32',
            shape: [2, 2],
            statistics: { min: -6, max: 3, mean: 0, notFinite: 0 },
            values: [1, 2, 3, -6],
          },
        ],
      },
    ]);
  });

  test('shows an image as the model gets it, and a thumbnail', async () => {
    const resized = serving('idle', 'echo', 'imageResize: 10,20\n', 'resized');
    await put1('one', encodeRecord(new Map([['image', { kind: 'image', base64: image }]])));
    const { records } = await queue<{ records: RecordPreview[] }>(resized, 'peek', 'idle');
    const [input] = records[0]?.inputs ?? [];
    expect(input).toMatchObject({ kind: 'image', format: 'jpeg', shape: [1, 3, 10, 20] });
    expect(input?.kind === 'image' && input.thumbnail).toMatch(/^data:image\/png;base64,iVBOR/);
  });

  test('shows texts, JSON instances, and what cannot be decoded with the reason', async () => {
    await put1(
      'texts',
      encodeRecord(new Map([['t', { kind: 'dense', type: 'string', shape: [2], data: ['a', 'b'] }]])),
    );
    await redis.client.xadd(
      'idle',
      '*',
      'uri',
      'json',
      'data',
      '{"instances":[{"n":[1]},{"n":[2]}]}',
      'serde',
      'stream',
    );
    await put1('bad', 'bm90IGFycm93');
    await put1('plain', encodeRecord(new Map([['t', { kind: 'image', base64: 'good morning' }]])));
    expect(await peek('--count', '4')).toMatchObject([
      { inputs: [{ kind: 'text', shape: [2], texts: ['a', 'b'] }] },
      { inputs: [{ name: 'instances[0].n' }, { name: 'instances[1].n', values: [2] }] },
      { uri: 'bad', inputs: [], error: expect.any(String) as string },
      { inputs: [{ kind: 'undecodable', text: 'good morning' }] },
    ]);
  });

  test('finds a record by its id, wherever it stands', async () => {
    const id = await put1();
    expect(await peek('--id', id)).toMatchObject([{ id, state: 'waiting' }]);
    await deliver();
    expect(await peek('--id', id)).toMatchObject([{ state: 'pending', pending: { consumer: 'cs-away' } }]);
    expect(await peek('--pending')).toMatchObject([{ id, state: 'pending' }]);
    expect(await peek('--waiting')).toEqual([]);
    await redis.client.xack('idle', 'serving', id);
    expect(await peek('--id', id)).toMatchObject([{ state: 'answered' }]);
    const other = await put1('two');
    await queue(idle, 'kill', other);
    const [letter] = await peek('--dead');
    expect(letter).toMatchObject({ uri: 'two', state: 'dead', dead: { originalId: other } });
    expect(await peek('--id', letter?.id ?? '')).toMatchObject([{ state: 'dead' }]);
    const gone = await shop.cli('queue', 'peek', '--id', '7-7', '-c', idle, '--json');
    expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: 'record-unknown' } });
  });
});

test('records are found by a part of their uri or id, in each list', async () => {
  const ids: string[] = [];
  for (const uri of ['cat-1', 'dog-1', 'cat-2']) ids.push(await put1(uri));
  const found = async (name: string, ...args: string[]) =>
    (await queue<{ records: { uri: string }[] }>(idle, name, '--uri', 'CAT', ...args)).records.map(
      ({ uri }) => uri,
    );
  expect(await found('waiting')).toEqual(['cat-1', 'cat-2']);
  expect(await queue(idle, 'waiting', '--uri', ids[1] ?? '')).toMatchObject({ records: [{ uri: 'dog-1' }] });
  await deliver();
  expect(await found('pending')).toEqual(['cat-1', 'cat-2']);
  expect(await found('pending', '--count', '1')).toEqual(['cat-1']);
  await queue(idle, 'kill', ...ids);
  expect((await found('dead')).sort()).toEqual(['cat-1', 'cat-2']);
});

test('several records are shown at once; those that have gone are left out', async () => {
  const ids = [await put1('one'), await put1('two')];
  const { records } = await queue<{ records: RecordPreview[] }>(
    idle,
    'peek',
    ...[...ids, '7-7'].flatMap((id) => ['--id', id]),
  );
  expect(records.map(({ uri }) => uri)).toEqual(['one', 'two']);
});

describe('clear', () => {
  test('passes over what waits, leaves what a worker has, and no later worker serves it', async () => {
    const held = await put1('held');
    await deliver();
    for (let i = 0; i < 300; i++) await put1(`waits-${i}`);
    expect(await queue(idle, 'clear', '--waiting', '--yes')).toMatchObject({ cleared: 300 });
    const fresh = await put1('fresh');
    expect(await queue<{ queues: QueueReport[] }>(idle, 'list')).toMatchObject({
      queues: [{ jobName: 'idle', waiting: 1, pending: 1 }],
    });
    await deliver('cs-later');
    const { records } = await queue<Page<PendingRecord>>(idle, 'pending');
    expect(records.map(({ id, consumer }) => [id, consumer])).toEqual([
      [held, 'cs-away'],
      [fresh, 'cs-later'],
    ]);
  });

  test('of a queue that no worker has ever read leaves nothing to the first one', async () => {
    await put1('old');
    // Another reader of the stream keeps the entries there.
    await redis.client.xgroup('CREATE', 'idle', 'others', '0-0');
    await queue(idle, 'clear', '--waiting', '--yes');
    expect(await redis.client.xlen('idle')).toBe(1);
    await shop.must('start', '-c', idle);
    await put(redis, 'idle', 'new', two);
    await outputsOf(redis, 'idle', 'new');
    expect(await resultOf('old')).toBeNull();
    await shop.must('stop', 'idle', '-c', idle);
    await redis.client.del('cluster-serving_idle:new');
  });

  test('removes dead letters', async () => {
    await queue(idle, 'kill', await put1());
    expect(await queue(idle, 'clear', '--dead', '--yes')).toMatchObject({ cleared: 1 });
    expect((await letters(idle)).records).toEqual([]);
  });

  test('asks on a terminal, and refuses where there is none', async () => {
    await put1();
    expect((await shop.cli('queue', 'clear', '--waiting', '-c', idle)).code).toBe(2);
    const command = `${process.execPath} ${join(root, 'bin', 'cluster-serving.cjs')} queue clear --waiting -c '${idle}'`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      input: 'n\n',
      encoding: 'utf8',
      env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
    });
    expect(stdout).toContain('Go on?');
    expect(await redis.client.xlen('idle')).toBe(1);
  });
});

test('an empty queue is looked at without an error', async () => {
  for (const name of ['list', 'waiting', 'pending', 'peek', 'dead'])
    expect([name, (await shop.cli('queue', name, '-c', idle)).code]).toEqual([name, 0]);
});

test.each([
  ['requeue'],
  ['requeue', '--all', '1-0'],
  ['kill'],
  ['kill', 'idle', 'not-an-id'],
  ['peek', '--id', '17'],
  ['peek', '--waiting', '--dead'],
  ['waiting', '--count', '0'],
  ['pending', '--count', '0'],
  ['pending', '--count', '5000'],
  ['clear', '--yes'],
  ['list', '--redis', 'nowhere'],
])('queue %s %s %s is wrong use', async (...args) => {
  expect((await shop.cli('queue', ...args, '-c', idle)).code).toBe(2);
});

test('a key of another kind under the name of the job is named as an error of Redis', async () => {
  await redis.client.set('idle', 'text');
  const { code, stdout } = await shop.cli('queue', 'pending', '-c', idle, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'redis-failed' } });
});

describe('two jobs', () => {
  test('are listed with their groups and workers, and each command works on the one that is named', async () => {
    const first = serving('first', 'echo');
    await shop.must('start', '-c', first);
    await shop.must('start', '-c', serving('second', 'mlp'));
    await put(redis, 'second', 'bad', record({ x: dense([3], [1, 2, 3]) }));
    await eventually('a dead letter', async () => (await letters(first, 'second')).records.length === 1);
    const { queues } = await queue<{ queues: QueueReport[] }>(first, 'list');
    const [one, other] = queues.filter(({ jobName }) => ['first', 'second'].includes(jobName));
    expect([one?.dead, other?.dead]).toEqual([0, 1]);
    expect(other?.groups).toMatchObject([
      { name: 'serving', pending: 0, consumers: [{ worker: expect.stringMatching(/^\d+@/) as string }] },
    ]);
    expect((await letters(first)).records).toEqual([]);
    const place = `127.0.0.1:${redis.port}`;
    expect((await letters('nowhere.yaml', 'second', '--redis', place)).records).toHaveLength(1);
    expect((await shop.cli('queue', 'dead', 'third', '-c', first)).code).toBe(1);
  });

  test('take a test record of the right shape', async () => {
    const config = join(shop.folder, 'first', 'config.yaml');
    const stdout = await shop.must('queue', 'send-test', 'second', '-c', config, '--json');
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ name: 'test record', outputs: [{}] });
    const { code } = await shop.cli('queue', 'send-test', '-c', idle, '--json');
    expect(code).toBe(1);
  });
});

test('what changes in a queue is reported as it happens, with the rate at which records come in', async () => {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const args = ['queue', 'list', '--follow', '--interval', '50', '--json', '-c', idle];
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: QueueEvent[] = [];
  createInterface(child.stdout).on('line', (line) => events.push(JSON.parse(line) as QueueEvent));
  const rates = () =>
    events.flatMap((one) =>
      one.event === 'queue' && one.queue.jobName === 'idle' ? (one.queue.inPerSecond ?? 0) : [],
    );
  try {
    await eventually('the first look', () => Promise.resolve(events.some(({ event }) => event === 'queues')));
    expect(events.slice(0, 2)).toMatchObject([
      { event: 'config', error: null },
      { event: 'queues', redis: `127.0.0.1:${redis.port}` },
    ]);
    await eventually('a rate', async () => {
      await put1();
      return rates().some((rate) => rate > 0);
    });
    await redis.client.del('idle');
    await eventually('its end', () =>
      Promise.resolve(events.some((one) => one.event === 'gone' && one.jobName === 'idle')),
    );
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
});

test('a process that follows queues ends when its parent was killed, though nothing changes', async () => {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  // A Redis that does not answer has no queue of this name: after the first line there is nothing to report.
  const quiet = shop.config('quiet', `modelPath: ${models}\nredisUrl: 127.0.0.1:${await freePort()}\n`);
  const args = [program, 'queue', 'list', '--follow', '--json', '-c', quiet];
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify(args)}, { stdio: ['ignore', 'pipe', 'ignore'] });
       child.stdout.once('data', () => console.log(child.pid));`,
    ],
    { env: { ...process.env, CLUSTER_SERVING_STATE: join(shop.folder, 'quiet-state') } },
  );
  const [text] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(text.toString());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await eventually('the end of the process', () => Promise.resolve(!isAlive(pid)));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
