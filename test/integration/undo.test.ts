import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeReport, DeadLetter, Page } from '../../schemas/redis/queueReports.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
/** A job that nothing serves: its queue is filled by hand. */
let config: string;
const results = (uri: string) => `cluster-serving_idle:${uri}`;

beforeAll(async () => {
  redis = await startRedis('--appendfsync', 'no');
  shop = openWorkshop();
  const text = `modelPath: ${join(models, 'echo')}\njobName: idle\nredisUrl: 127.0.0.1:${redis.port}\n`;
  config = shop.config('idle', `${text}resultTtlSeconds: 600\n`);
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});
beforeEach(() => redis.client.flushall());

async function change(...args: string[]): Promise<ChangeReport> {
  const { stdout } = await shop.cli('queue', ...args, '-c', config, '--json');
  return JSON.parse(stdout) as ChangeReport;
}

function undo(report: object): Promise<ChangeReport> {
  const file = join(shop.folder, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  return change('undo', file);
}

async function put(uri: string, ...more: string[]): Promise<string> {
  return (await redis.client.xadd('idle', '*', 'uri', uri, 'data', 'x', ...more)) ?? '';
}

/** Gives all that waits to a consumer that never answers. */
async function deliver(): Promise<void> {
  await redis.client.xgroup('CREATE', 'idle', 'serving', '0-0', 'MKSTREAM');
  await redis.client.xreadgroup('GROUP', 'serving', 'cs-away', 'COUNT', 100, 'STREAMS', 'idle', '>');
}

const fieldsIn = async (stream: string) =>
  (await redis.client.xrange(stream, '-', '+')).map(([, fields]) => Object.fromEntries(pairsOf(fields)));

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? ''] as [string, string]] : []));
}

describe('records that were moved to the dead letters', () => {
  test('come back as they were, with deadline and count, and their NaN goes', async () => {
    const ids = [await put('one', 'deadline', '99', 'shared-by', '2'), await put('two', 'requeued', '3')];
    const before = await fieldsIn('idle');
    const report = await change('kill', ...ids);
    expect(await redis.client.hget(results('one'), 'value')).toBe('NaN');
    expect(await undo(report)).toEqual({ jobName: 'idle', done: 2, refused: [] });
    expect(await fieldsIn('idle')).toEqual(before);
    expect(await redis.client.exists(results('one'), results('two'))).toBe(0);
    expect(await redis.client.xlen('idle:dead')).toBe(0);
  });

  test('come back from the hands of a worker, too, to be answered by any', async () => {
    const id = await put('one');
    await deliver();
    await undo(await change('kill', id));
    const { records } = JSON.parse(await shop.must('queue', 'waiting', '-c', config, '--json')) as Page<{
      readonly uri: string;
    }>;
    expect(records.map(({ uri }) => uri)).toEqual(['one']);
  });

  test('stay dead where the client has read its NaN, where another has taken them back, and that is said of each', async () => {
    const report = await change('kill', await put('read'), await put('back'), await put('here'));
    await redis.client.del(results('read'));
    const [read, back] = report.undo?.records.map(({ id }) => id) ?? [];
    await change('requeue', back ?? '');
    expect(await undo(report)).toMatchObject({
      done: 1,
      refused: [
        { id: read, why: expect.stringContaining('Its client has got the NaN') as string },
        { id: back, why: expect.stringContaining('not among the dead letters') as string },
      ],
    });
    expect((await fieldsIn('idle:dead')).map(({ uri }) => uri)).toEqual(['read']);
  });

  test('without a uri have no client, and come back', async () => {
    const id = (await redis.client.xadd('idle', '*', 'data', 'x')) ?? '';
    expect(await undo(await change('kill', id))).toMatchObject({ done: 1, refused: [] });
    expect(await fieldsIn('idle')).toEqual([{ data: 'x' }]);
  });
});

describe('dead letters that were put back', () => {
  async function dead(...uris: string[]): Promise<readonly DeadLetter[]> {
    const ids: string[] = [];
    for (const uri of uris) ids.push(await put(uri, 'deadline', '99', 'mine', 'ü'));
    await change('kill', ...ids);
    return lettersNow();
  }

  async function lettersNow(): Promise<readonly DeadLetter[]> {
    const text = await shop.must('queue', 'dead', '-c', config, '--json');
    return (JSON.parse(text) as Page<DeadLetter>).records;
  }

  test.each([['by their ids'], ['all']])('are letters again with all that they said: %s', async (how) => {
    const letters = await dead('one', 'two');
    const before = await fieldsIn('idle:dead');
    const ids = letters.map(({ id }) => id).reverse();
    const report = await change('requeue', ...(how === 'all' ? ['--all'] : ids));
    expect(await redis.client.exists(results('one'))).toBe(0);
    expect(await undo(report)).toEqual({ jobName: 'idle', done: 2, refused: [] });
    expect(await fieldsIn('idle:dead')).toEqual(before);
    expect(await redis.client.xlen('idle')).toBe(0);
    expect(await redis.client.hget(results('one'), 'value')).toBe('NaN');
    expect(await redis.client.ttl(results('one'))).toBeGreaterThan(0);
  });

  test('get no NaN back that their client had read, and none over a result', async () => {
    const letters = await dead('had', 'result');
    await redis.client.del(results('had'));
    const report = await change('requeue', ...letters.map(({ id }) => id));
    await redis.client.hset(results('result'), 'value', '[[1]]');
    expect(await undo(report)).toMatchObject({ done: 2 });
    expect(await redis.client.exists(results('had'))).toBe(0);
    expect(await redis.client.hget(results('result'), 'value')).toBe('[[1]]');
  });

  test('stay in the queue where a worker has taken them, or are answered by then', async () => {
    const [letter] = await dead('taken');
    const report = await change('requeue', letter?.id ?? '');
    await deliver();
    const [id] = report.undo?.records.map((one) => one.id) ?? [];
    expect(await undo(report)).toMatchObject({
      done: 0,
      refused: [{ id, why: 'A worker has taken it meanwhile.' }],
    });
    expect(await redis.client.xlen('idle')).toBe(1);
    await redis.client.xdel('idle', id ?? '');
    expect((await undo(report)).refused[0]?.why).toContain('answered or has been removed');
    expect(await lettersNow()).toEqual([]);
  });

  test('are refused by a full Redis and stay in the queue', async () => {
    const [letter] = await dead('one');
    const report = await change('requeue', letter?.id ?? '');
    await redis.client.config('SET', 'maxmemory', '1');
    const refused = await undo(report).catch(() => undefined);
    await redis.client.config('SET', 'maxmemory', '0');
    expect(refused).not.toMatchObject({ done: 1 });
    expect(await redis.client.xlen('idle')).toBe(1);
    expect(await redis.client.xlen('idle:dead')).toBe(0);
  });

  test('more than a script takes at once come back in their order', async () => {
    const uris = Array.from({ length: 130 }, (_, i) => `record-${i}`);
    await dead(...uris);
    expect(await undo(await change('requeue', '--all'))).toMatchObject({ done: 130, refused: [] });
    expect((await fieldsIn('idle:dead')).map(({ uri }) => uri)).toEqual(uris);
  });
});

test.each<[string, string]>([
  ['no JSON', 'requeued'],
  ['no report', '{"jobName": "idle"}'],
  ['a report of nothing that can be taken back', '{"jobName": "idle", "done": 1, "refused": []}'],
  ['an unknown change', '{"jobName": "idle", "undo": {"change": "clear", "records": []}}'],
  ['an id that is none', '{"jobName": "idle", "undo": {"change": "kill", "records": [{"id": "+"}]}}'],
  [
    'an odd number of words',
    '{"jobName": "idle", "undo": {"change": "requeue", "records": [{"id": "1-1", "words": ["a"]}]}}',
  ],
])('what is %s is refused as wrong use', async (_, text) => {
  const file = join(shop.folder, 'wrong.json');
  writeFileSync(file, text);
  const { code, stdout } = await shop.cli('queue', 'undo', file, '-c', config, '--json');
  expect(code).toBe(2);
  expect(stdout).toContain('wrong-use');
});
