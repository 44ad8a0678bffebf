import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, dense, outputsOf, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

async function serve(jobName: string, model: string, more = ''): Promise<string> {
  const config = shop.config(
    jobName,
    `modelPath: ${join(models, model)}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );
  await shop.must('start', '-c', config);
  return config;
}

const ask = async (jobName: string, uri: string, data: string, serde?: string) => {
  await put(redis, jobName, uri, data, serde);
  return outputsOf(redis, jobName, uri);
};

describe('what a model is fed with and answers', () => {
  test.each(['int64', 'int32', 'float64', 'float16', 'bool'])(
    '%s goes in and comes back as float32',
    async (type) => {
      const jobName = `echo_${type}`;
      await serve(jobName, jobName);
      const values = type === 'bool' ? [1, 0, 1] : [1, -2, 300];
      expect(await ask(jobName, 'a', record({ x: dense([3], values) }))).toEqual([
        { shape: [3], data: values },
      ]);
      if (type.startsWith('float')) return;
      expect(await ask(jobName, 'b', record({ x: dense([3], [0.5, 0, 1]) }))).toBe('NaN');
    },
  );

  test('a record without the batch dimension gets none back, one with it keeps it', async () => {
    await serve('rows', 'echo');
    expect(await ask('rows', 'one', record({ x: dense([2], [1, 2]) }))).toEqual([
      { shape: [2], data: [1, 2] },
    ]);
    expect(await ask('rows', 'two', record({ x: dense([2, 2], [1, 2, 3, 4]) }))).toEqual([
      { shape: [2, 2], data: [1, 2, 3, 4] },
    ]);
    const json = JSON.stringify({ instances: [{ x: [1, 2] }, { x: [3, 4] }] });
    expect(await ask('rows', 'json', json, 'stream')).toEqual([{ shape: [2, 2], data: [1, 2, 3, 4] }]);
  });

  test('a record of more rows than batchSize is answered whole', async () => {
    await serve('large', 'echo', 'batchSize: 4\n');
    const values = Array.from({ length: 20 }, (_, i) => i);
    expect(await ask('large', 'all', record({ x: dense([10, 2], values) }))).toEqual([
      { shape: [10, 2], data: values },
    ]);
  });

  test('a model with a fixed batch of one serves record by record', async () => {
    await serve('fixed', 'fixedBatch');
    for (let i = 0; i < 20; i++) await put(redis, 'fixed', `r${i}`, record({ x: dense([3], [i, i, i]) }));
    for (let i = 0; i < 20; i++)
      expect(await outputsOf(redis, 'fixed', `r${i}`)).toEqual([{ shape: [3], data: [i, i, i] }]);
  });

  test('rows of other records never show in the answer of a detection model', async () => {
    const config = await serve('detect', 'detection');
    const [job] = await shop.jobs(config);
    expect(job?.workers[0]?.heartbeat?.batched).toBe(false);
    for (let i = 0; i < 30; i++)
      await put(redis, 'detect', `r${i}`, record({ x: dense([1, 4], [0, i % 2, 1, 0]) }));
    for (let i = 0; i < 30; i++)
      expect(await outputsOf(redis, 'detect', `r${i}`)).toEqual([
        i % 2 ? { shape: [2, 2], data: [0, 1, 0, 2] } : { shape: [1, 2], data: [0, 2] },
      ]);
  });

  test('a difference that only traffic shows is seen before anything is answered, and ends the sharing of runs', async () => {
    const config = await serve('rare', 'rarelyMixing', 'batchSize: 2\nbatchTimeoutMs: 60000\n');
    const sharing = async () =>
      (await shop.jobs(config)).find(({ jobName }) => jobName === 'rare')?.workers[0]?.heartbeat?.sharing;
    expect(await sharing()).toMatchObject({
      shared: true,
      reason: expect.stringContaining('Scan') as string,
    });
    await put(redis, 'rare', 'large', record({ x: dense([4], [2e6, 0, 0, 0]) }));
    await put(redis, 'rare', 'small', record({ x: dense([4], [1, 2, 3, 4]) }));
    expect(await outputsOf(redis, 'rare', 'small')).toEqual([{ shape: [4], data: [1, 2, 3, 4] }]);
    await eventually('the worker says so', async () => (await sharing())?.shared === false);
    expect((await sharing())?.reason).toMatch(/output "y" differs by 0\.\d+/);
    expect(await shop.must('status', 'rare', '-c', config)).toContain('Records are not batched: ');
    expect(await shop.must('logs', 'rare', '-c', config)).toContain('output "y" differs');
  });

  test('the config can keep records apart', async () => {
    const config = await serve('apart', 'echo', 'batching: off\n');
    const job = (await shop.jobs(config)).find(({ jobName }) => jobName === 'apart');
    expect(job?.workers[0]?.heartbeat).toMatchObject({
      batched: false,
      rowsPerRecord: 1,
      sharing: { shared: false, reason: expect.stringContaining('batching is off') as string },
    });
  });

  test('mixed shapes under load each come back as they went in', async () => {
    await serve('mixed', 'echo', 'modelParallelism: 2\nbatchSize: 16\n');
    const shapes = [1, 5, 17, 64];
    const rows = Array.from({ length: 400 }, (_, i) =>
      Array.from({ length: shapes[i % 4] ?? 1 }, (__, j) => i * 100 + j),
    );
    await Promise.all(
      rows.map((row, i) => put(redis, 'mixed', `m${i}`, record({ x: dense([row.length], row) }))),
    );
    for (const [i, row] of rows.entries())
      expect(await outputsOf(redis, 'mixed', `m${i}`)).toEqual([{ shape: [row.length], data: row }]);
  });

  test('pickTopN gives the first rows, topN the largest with their places', async () => {
    await serve('pick', 'echo', 'postProcessing: pickTopN(2)\n');
    expect(await ask('pick', 'p', record({ x: dense([3, 2], [1, 2, 3, 4, 5, 6]) }))).toBe(
      '[[1.0,2.0],[3.0,4.0]]',
    );
    await serve('top', 'echo', 'postProcessing: topN(2)\n');
    expect(await ask('top', 't', record({ x: dense([4], [1, 9, 3, 7]) }))).toBe('[[1,9.0],[3,7.0]]');
  });
});

describe('bad records between good ones', () => {
  const good = record({ a: dense([4], [1, 2, 3, 4]), b: dense([5], [5, 6, 7, 8, 9]) });
  const wire = join(root, 'test', 'fixtures', 'wire', 'client');
  const recorded = (name: string) =>
    (JSON.parse(readFileSync(join(wire, `${name}.json`), 'utf8')) as { entry: { data: string } }).entry.data;
  const jpeg = readFileSync(join(root, 'test', 'fixtures', 'wire', 'images', 'tiny.jpg')).toString('base64');
  const bad: [name: string, data: string | undefined, serde?: string][] = [
    ['no data field', undefined],
    ['empty data', ''],
    ['not base64', '%%%not base64'],
    ['base64 that is not Arrow', 'dGhpcyBpcyBub3QgYXJyb3c='],
    ['cut in the middle', good.slice(0, good.length / 2)],
    ['cut at the end', good.slice(0, -40)],
    ['a flipped length', good.replace('AAAA', '////')],
    ['too short a tensor', record({ a: dense([3], [1, 2, 3]), b: dense([5], [1, 2, 3, 4, 5]) })],
    [
      'too long a tensor',
      record({ a: dense([400], Array<number>(400).fill(1)), b: dense([5], [1, 2, 3, 4, 5]) }),
    ],
    ['a rank too many', record({ a: dense([1, 1, 4], [1, 2, 3, 4]), b: dense([5], [1, 2, 3, 4, 5]) })],
    ['an input missing', record({ a: dense([4], [1, 2, 3, 4]) })],
    [
      'an input too many',
      record({ a: dense([4], [1, 2, 3, 4]), b: dense([5], [1, 2, 3, 4, 5]), c: dense([1], [1]) }),
    ],
    [
      'unequal batches',
      record({ a: dense([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), b: dense([5], [1, 2, 3, 4, 5]) }),
    ],
    ['strings for numbers', recorded('string-tensor')],
    ['an image for a tensor', recorded('image-b64-png')],
    ['the file format of Arrow, with names of its own', recorded('deprecated-enqueue_tensor')],
    ['malformed JSON', '{"instances": [', 'stream'],
    ['JSON without instances', '{"foo": 1}', 'stream'],
    ['an empty list', '{"instances":[{"a":[],"b":[]}]}', 'stream'],
    ['a ragged list', '{"instances":[{"a":[[1,2],[3]],"b":[1,2,3,4,5]}]}', 'stream'],
    ['an unknown serde', '{}', 'pickle'],
    ['a cut image', `{"instances":[{"a":"${jpeg.slice(0, 100)}","b":[1,2,3,4,5]}]}`, 'stream'],
    ['nesting without end', `{"instances":[{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}]}`, 'stream'],
  ];

  test('each is answered NaN with its reason in a dead letter, and every neighbour is answered', async () => {
    const config = await serve('bad', 'twoInTwoOut');
    for (const [i, [, data, serde]] of bad.entries()) {
      await put(redis, 'bad', `good-${i}`, good);
      if (data === undefined) await redis.client.xadd('bad', '*', 'uri', `bad-${i}`, 'x', '1');
      else await put(redis, 'bad', `bad-${i}`, data, serde);
    }
    await redis.client.xadd('bad', '*', 'data', good);
    await put(redis, 'bad', 'last', good);
    for (const [i, [name]] of bad.entries()) {
      expect({ name, answer: await outputsOf(redis, 'bad', `bad-${i}`) }).toEqual({ name, answer: 'NaN' });
      expect(await outputsOf(redis, 'bad', `good-${i}`)).toEqual([
        { shape: [1], data: [45] },
        { shape: [4], data: [1, 2, 3, 4] },
      ]);
    }
    await answerOf(redis, 'bad', 'last');
    const letters = (await redis.client.xrange('bad:dead', '-', '+')) as [string, string[]][];
    const reasons = letters.map(([, fields]) => fields[fields.indexOf('dead-reason') + 1] ?? '');
    expect(letters).toHaveLength(bad.length);
    for (const reason of reasons) expect(reason).toMatch(/^(record-undecodable|input-mismatch): .{10,}/);
    const job = await eventually('the figures', async () =>
      (await shop.jobs(config)).find(({ workers }) => workers[0]?.heartbeat?.failed === bad.length),
    );
    expect(job).toMatchObject({ state: 'running', queue: { waiting: 0, pending: 0, dead: bad.length } });
  });

  test('every entry that the original’s clients were recorded to write is answered', async () => {
    await serve('recorded', 'echo');
    const folder = join(root, 'test', 'fixtures', 'wire', 'results');
    for (const name of readdirSync(folder)) {
      const { entry } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        entry: Record<string, string>;
      };
      await redis.client.xadd('recorded', '*', ...Object.entries(entry).flat());
      expect((await answerOf(redis, 'recorded', entry.uri ?? '')).length).toBeGreaterThan(0);
    }
  });
});

test('a record that requests share counts as each of them, and is never a dead letter', async () => {
  const config = await serve('shared', 'echo');
  const putShared = (uri: string, by: number, data: string) =>
    redis.client.xadd('shared', '*', 'uri', uri, 'data', data, 'shared-by', by);
  await putShared('three', 3, record({ x: dense([3, 2], [1, 2, 3, 4, 5, 6]) }));
  await putShared('bad', 5, 'no Arrow');
  expect(await outputsOf(redis, 'shared', 'three')).toEqual([{ shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }]);
  expect(await answerOf(redis, 'shared', 'bad')).toBe('NaN');
  const job = await eventually('the figures', async () =>
    (await shop.jobs(config)).find(
      ({ jobName, workers }) => jobName === 'shared' && workers[0]?.heartbeat?.processed === 3,
    ),
  );
  expect(job).toMatchObject({
    queue: { waiting: 0, pending: 0, dead: 0 },
    workers: [{ heartbeat: { failed: 0, shared: 2, rowsPerRecord: 64 } }],
  });
});

test('a record that requests share is not answered once its rows turn out to look at each other', async () => {
  await serve('between', 'rarelyMixing');
  const data = record({ x: dense([2, 4], [2e6, 0, 0, 0, 1, 2, 3, 4]) });
  await redis.client.xadd('between', '*', 'uri', 'both', 'data', data, 'shared-by', 2);
  expect(await answerOf(redis, 'between', 'both')).toBe('NaN');
  await put(redis, 'between', 'one', record({ x: dense([4], [1, 2, 3, 4]) }));
  expect(await outputsOf(redis, 'between', 'one')).toEqual([{ shape: [4], data: [1, 2, 3, 4] }]);
  expect(await redis.client.xlen('between:dead')).toBe(0);
});

test.each([
  ['a filter makes one text of a record', 'echo', 'postProcessing: topN(2)\n'],
  ['a model takes one row at a time', 'fixedBatch', ''],
])('requests do not share records where %s', async (_what, model, more) => {
  const config = await serve(`alone-${model}`, model, more);
  const [job] = (await shop.jobs(config)).filter(({ jobName }) => jobName === `alone-${model}`);
  expect(job?.workers[0]?.heartbeat?.rowsPerRecord).toBe(1);
});

describe('records whose deadline has passed', () => {
  const data = record({ x: dense([2], [1, 2]) });
  const putUntil = (jobName: string, uri: string, deadline: number, text = data) =>
    redis.client.xadd(jobName, '*', 'uri', uri, 'data', text, 'deadline', deadline);
  const figures = (config: string, expired: number) =>
    eventually('the figures', async () =>
      (await shop.jobs(config)).find(({ workers }) => workers[0]?.heartbeat?.expired === expired),
    );
  const keys = (jobName: string) => redis.client.keys(`cluster-serving_${jobName}:*`);

  test('they are acknowledged without a result, their neighbours are answered', async () => {
    const config = await serve('late', 'echo');
    for (let i = 0; i < 10; i++) {
      // What cannot be decoded would become a dead letter if it were looked at.
      await putUntil('late', `late-${i}`, Date.now() - 1, i % 2 ? data : 'no Arrow');
      await putUntil('late', `good-${i}`, Date.now() + 60_000);
    }
    await put(redis, 'late', 'plain', data);
    for (let i = 0; i < 10; i++)
      expect(await outputsOf(redis, 'late', `good-${i}`)).toEqual([{ shape: [2], data: [1, 2] }]);
    await answerOf(redis, 'late', 'plain');
    const job = await figures(config, 10);
    expect(job).toMatchObject({
      queue: { waiting: 0, pending: 0, dead: 0 },
      workers: [{ heartbeat: { processed: 11, failed: 0 } }],
    });
    expect(await keys('late')).toHaveLength(11);
    await eventually('the entries are freed', async () => (await redis.client.xlen('late')) === 0);
  });

  test('a record whose time passes while its batch is collected is not given to the model', async () => {
    const config = await serve('window', 'echo', 'batchSize: 4\nbatchTimeoutMs: 1000\n');
    await putUntil('window', 'short', Date.now() + 200);
    await putUntil('window', 'long', Date.now() + 60_000);
    await answerOf(redis, 'window', 'long');
    const job = await figures(config, 1);
    expect(job.workers[0]?.heartbeat).toMatchObject({ processed: 1, batchSize: { max: 1 } });
    expect(await keys('window')).toEqual(['cluster-serving_window:long']);
  });
});
