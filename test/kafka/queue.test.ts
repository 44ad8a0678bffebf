import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { eventually } from '../support/redis.ts';
import { deadlineMs, liveQueues, recordMessage, takeAll } from './queueSupport.ts';

let kafka: TestKafka;
const queues = liveQueues(() => kafka);
beforeAll(async () => {
  kafka = await startKafka();
});
afterEach(() => queues.closeAll());
afterAll(() => kafka.stop());

const names = (count: number, prefix = 'r') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Waits until the group has committed everything of a topic. */
async function allCommitted(topic: string): Promise<void> {
  const count = await kafka.count(topic);
  await eventually(
    `the commit of ${count}`,
    async () => [...(await kafka.committed(topic)).values()].reduce((a, b) => a + Number(b), 0) === count,
    deadlineMs,
  );
}

it('answers records of all partitions that were there before the first worker', async () => {
  await kafka.createTopic('all', 3);
  await kafka.produce(
    'all',
    names(30).map((name, i) => recordMessage(name, name, i % 3)),
  );
  const queue = await queues.open('all', 'w1');
  const records = await takeAll(queue, 30);
  expect(records.map(({ uri }) => uri).sort()).toEqual(names(30).sort());
  expect(records.every(({ data, uri, deliveries }) => data === uri && deliveries === 1)).toBe(true);
  await queue.finish(records.map((record) => ({ record, value: `result of ${record.uri}` })));
  const results = await kafka.readAll('cluster-serving_all');
  expect(new Map(results.map(({ key, value }) => [key, String(value)]))).toEqual(
    new Map(names(30).map((name) => [name, `result of ${name}`])),
  );
  await allCommitted('all');
  expect(await queue.backlog()).toBe(0);
});

it('commits nothing beyond a record that is not answered, and gives only that to the next worker', async () => {
  await kafka.produce(
    'gap',
    names(10).map((name) => recordMessage(name)),
  );
  const first = await queues.open('gap', 'w1');
  const records = await takeAll(first, 10);
  const others = records.filter(({ uri }) => uri !== 'r3');
  await first.finish(others.map((record) => ({ record, value: '1' })));
  await eventually('the commit', async () => (await kafka.committed('gap')).get(0) === 3n, deadlineMs);
  expect(await first.backlog()).toBe(1);
  await first.close();
  const second = await queues.open('gap', 'w2');
  const [left] = await takeAll(second, 1);
  expect(left?.uri).toBe('r3');
  expect(await second.take(10, 300)).toEqual([]);
  expect((await kafka.readAll('cluster-serving_gap')).length).toBe(9);
});

it('shares the partitions among workers, and gives those of one that ends to the other', async () => {
  await kafka.createTopic('shared', 4);
  const first = await queues.open('shared', 'w1');
  const second = await queues.open('shared', 'w2');
  const seen = { first: new Set<string>(), second: new Set<string>() };
  let sent = 0;
  const serve = async (queue: typeof first, uris: Set<string>) => {
    const records = await queue.take(100, 200);
    for (const { uri } of records) uris.add(uri ?? '');
    if (records.length > 0) await queue.finish(records.map((record) => ({ record, value: '1' })));
  };
  await eventually(
    'records for both',
    async () => {
      await kafka.produce(
        'shared',
        names(4, `s${sent}-`).map((name, i) => recordMessage(name, name, i)),
      );
      sent += 4;
      await Promise.all([serve(first, seen.first), serve(second, seen.second)]);
      return seen.first.size > 0 && seen.second.size > 0;
    },
    deadlineMs,
  );
  await second.close();
  await eventually(
    'all of them',
    async () => {
      await serve(first, seen.first);
      return new Set([...seen.first, ...seen.second]).size === sent;
    },
    deadlineMs,
  );
});

it('keeps a record that was given up as it was, with the reason', async () => {
  await kafka.produce('letters', [
    { ...recordMessage('bad', 'rubbish'), headers: { trace: 't1' } },
    { key: '"quoted"', value: 'not JSON' },
  ]);
  const queue = await queues.open('letters', 'w1');
  const records = await takeAll(queue, 2);
  expect(records.map(({ uri, data }) => [uri, data])).toEqual([
    ['bad', 'rubbish'],
    ['quoted', undefined],
  ]);
  await queue.finish(
    records.map((record) => ({ record, value: 'NaN', reason: 'record-undecodable: It is rubbish.' })),
  );
  const [letter, other] = await kafka.readAll('cluster-serving_letters_dead');
  expect(JSON.parse(String(letter?.value))).toEqual({ uri: 'bad', data: 'rubbish' });
  expect(Object.fromEntries(letter?.headers ?? [])).toMatchObject({
    trace: 't1',
    'dead-reason': 'record-undecodable: It is rubbish.',
    'dead-code': 'record-undecodable',
    'dead-id': '0-0',
    'dead-worker': 'w1',
  });
  expect(String(other?.value)).toBe('not JSON');
  const results = await kafka.readAll('cluster-serving_letters');
  expect(results.map(({ key, value }) => [key, String(value)])).toEqual([
    ['bad', 'NaN'],
    ['quoted', 'NaN'],
  ]);
});

it('gives a record up whose result Kafka does not take, and answers its neighbours', async () => {
  await kafka.produce(
    'large',
    names(5).map((name) => recordMessage(name)),
  );
  const refused: string[] = [];
  const queue = await queues.open('large', 'w1', {
    onRefused: ({ record }, reason) => refused.push(`${record.uri} ${reason}`),
  });
  const records = await takeAll(queue, 5);
  await queue.finish(
    records.map((record) => ({ record, value: record.uri === 'r2' ? 'x'.repeat(3_000_000) : '1' })),
  );
  expect(refused).toEqual([
    expect.stringMatching(/^r2 result-refused: Kafka does not take .* 3000000 bytes/),
  ]);
  const results = await kafka.readAll('cluster-serving_large');
  expect(new Map(results.map(({ key, value }) => [key, String(value)]))).toEqual(
    new Map(names(5).map((name) => [name, name === 'r2' ? 'NaN' : '1'])),
  );
  const letters = await kafka.readAll('cluster-serving_large_dead');
  expect(letters.map(({ key }) => key)).toEqual(['r2']);
  await allCommitted('large');
});

it('keeps the reason of a record that is as large as a message may be', async () => {
  const data = 'x'.repeat(1_048_400);
  await kafka.produce('huge', [recordMessage('h', data)]);
  const queue = await queues.open('huge', 'w1');
  const records = await takeAll(queue, 1);
  expect(records[0]?.data?.length).toBe(data.length);
  await queue.finish(records.map((record) => ({ record, value: 'NaN', reason: 'input-mismatch: no' })));
  const [letter] = await kafka.readAll('cluster-serving_huge_dead');
  expect(letter?.key).toBe('h');
  expect(letter?.headers.get('dead-reason')).toBe('input-mismatch: no');
});

it('goes on when the broker was killed and comes back, and loses nothing', async () => {
  const troubles: (string | null)[] = [];
  const queue = await queues.open('restart', 'w1', { onTrouble: (message) => troubles.push(message) });
  await kafka.produce(
    'restart',
    names(5, 'a').map((name) => recordMessage(name)),
  );
  const before = await takeAll(queue, 5);
  await kafka.kill();
  const finished = queue.finish(before.map((record) => ({ record, value: '1' })));
  await eventually('the trouble', () => Promise.resolve(troubles.some((one) => one !== null)), deadlineMs);
  await kafka.start();
  await finished;
  await kafka.produce(
    'restart',
    names(5, 'b').map((name) => recordMessage(name)),
  );
  const after = await takeAll(queue, 5);
  expect(after.map(({ uri }) => uri)).toEqual(names(5, 'b'));
  await queue.finish(after.map((record) => ({ record, value: '2' })));
  await allCommitted('restart');
  const results = await kafka.readAll('cluster-serving_restart');
  expect(new Set(results.map(({ key, value }) => `${key}=${String(value)}`))).toEqual(
    new Set([...names(5, 'a').map((name) => `${name}=1`), ...names(5, 'b').map((name) => `${name}=2`)]),
  );
  expect(queue.reconnects).toBeGreaterThan(0);
});

it('serves a topic that was deleted and made again', async () => {
  const queue = await queues.open('again', 'w1');
  await kafka.produce(
    'again',
    names(3, 'a').map((name) => recordMessage(name)),
  );
  const before = await takeAll(queue, 3);
  await queue.finish(before.map((record) => ({ record, value: '1' })));
  await allCommitted('again');
  await kafka.deleteTopic('again');
  await kafka.createTopic('again', 2);
  await kafka.produce(
    'again',
    names(2, 'b').map((name, i) => recordMessage(name, name, i)),
  );
  const after = await takeAll(queue, 2);
  expect(after.map(({ uri }) => uri).sort()).toEqual(names(2, 'b'));
  await queue.finish(after.map((record) => ({ record, value: '2' })));
  await allCommitted('again');
});
