import { beforeEach, describe, expect, test } from 'vitest';
import { inputTopic, resultTopic } from '../../../../schemas/kafka/kafkaTopics.ts';
import { createLetters } from '../../../../server/src/queue/kafka/admin/letters.ts';
import { createKafkaRecords } from '../../../../server/src/queue/kafka/client/kafkaRecords.ts';
import { createKafkaSink } from '../../../../server/src/queue/kafka/client/kafkaSink.ts';
import { createKafkaSource } from '../../../../server/src/queue/kafka/client/kafkaSource.ts';
import { createResultFollower } from '../../../../server/src/queue/kafka/client/resultFollower.ts';
import type { Published } from '../../../../server/src/queue/answers.ts';
import { createMemoryLog, type MemoryLog } from '../../../support/memoryLog.ts';
import { eventually } from '../../../support/redis.ts';

const results = resultTopic('digits');
let log: MemoryLog;
beforeEach(async () => {
  log = createMemoryLog();
  await log.ensure(inputTopic('digits'), 1, {});
  await log.ensure(results, 1, {});
});

const answer = (uri: string, value: string | Buffer) => log.append([{ topic: results, key: uri, value }]);

describe('records of a client', () => {
  test('get exactly their own results, written after they were put in', async () => {
    await answer('a', 'old');
    const client = createKafkaRecords(log, createLetters(log));
    const ids = await client.putRecords('digits', [
      { uri: 'a', data: 'AAAA' },
      { uri: 'b', data: '{}', serde: 'stream' },
    ]);
    expect(ids).toEqual(['0-0', '0-1']);
    await answer('other', 'x');
    await answer('b', 'B');
    await answer('a', 'A');
    const found = await client.takeResults('digits', ['a', 'b'], 60_000);
    expect([...found].sort()).toEqual([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    const values = log
      .messages(inputTopic('digits'))
      .map(({ value }) => JSON.parse(String(value)) as unknown);
    expect(values).toEqual([
      { uri: 'a', data: 'AAAA' },
      { uri: 'b', data: '{}', serde: 'stream' },
    ]);
  });

  test('get results that came while others were waited for, and none after the time is over', async () => {
    const client = createKafkaRecords(log, createLetters(log));
    await client.putRecords('digits', [
      { uri: 'a', data: 'x' },
      { uri: 'b', data: 'x' },
    ]);
    await answer('b', 'B');
    await answer('a', 'A');
    expect((await client.takeResults('digits', ['a'], 60_000)).get('a')).toBe('A');
    expect((await client.takeResults('digits', ['b'], 60_000)).get('b')).toBe('B');
    expect((await client.takeResults('digits', ['c'], 5)).size).toBe(0);
    expect(await client.takeBackRecords('digits', ['0-0'])).toBe(0);
  });

  test('of the typed form are bytes with their fields in headers', async () => {
    const client = createKafkaRecords(log, createLetters(log));
    const data = Buffer.from([1, 2, 3]);
    await client.putRecords('digits', [{ uri: 'a', data, serde: 'typed', wantsTyped: true, sharedBy: 4 }]);
    const [record] = log.messages(inputTopic('digits'));
    expect(record?.value).toEqual(data);
    expect(
      Object.fromEntries(Array.from(record?.headers ?? [], ([name, text]) => [name, String(text)])),
    ).toEqual({
      ...{ uri: 'a', serde: 'typed', reply: 'typed', 'shared-by': '4' },
    });
    await answer('a', Buffer.from([1, 9]));
    expect((await client.takeResults('digits', ['a'], 60_000)).get('a')).toEqual(Buffer.from([1, 9]));
  });

  test('of a job that was never started make its topics', async () => {
    for (const topic of [inputTopic('new'), resultTopic('new')]) expect(await log.ranges(topic)).toEqual([]);
    await createResultFollower(log, resultTopic('new')).open();
    expect(await log.ranges(resultTopic('new'))).toHaveLength(1);
  });
});

test('a sink writes deadlines by the clock of the broker, once results are followed', async () => {
  const order: string[] = [];
  const sink = createKafkaSink({
    connect: () => Promise.resolve({ log, now: () => 1_000 }),
    followed: () => {
      order.push(`followed with ${log.messages(inputTopic('digits')).length} records`);
      return Promise.resolve();
    },
    jobName: 'digits',
  });
  expect(await sink.put([{ record: { uri: 'a', data: 'x' }, leftMs: 500 }])).toEqual(['0-0']);
  expect(await sink.putLarge({ record: { uri: 'b', data: 'x' }, leftMs: 700 })).toBe('0-1');
  await sink.remove(['0-0']);
  const deadlines = log.messages(inputTopic('digits')).map(({ headers }) => String(headers.get('deadline')));
  expect(deadlines).toEqual(['1500', '1700']);
  expect(order[0]).toBe('followed with 0 records');
});

test('a source announces each result, and goes on after a trouble', async () => {
  const follower = createResultFollower(log, results);
  let fails = true;
  const source = createKafkaSource(() => {
    if (!fails) return Promise.resolve(follower);
    return Promise.reject(new Error('no broker'));
  });
  const heard: Published[] = [];
  let announcements = 0;
  const answers = source.listen((some) => {
    announcements += 1;
    heard.push(...some);
  });
  await eventually('the trouble', () =>
    source.read(['a']).then(
      () => false,
      (error: unknown) => String(error).includes('no broker'),
    ),
  );
  fails = false;
  await eventually('the first announcement', () => Promise.resolve(announcements > 0));
  await answer('a', 'A');
  await eventually('the result', () => Promise.resolve(heard.length === 1));
  expect(heard).toEqual([{ uri: 'a', value: 'A' }]);
  expect(await source.read(['a', 'b'])).toEqual([undefined, undefined]);
  await source.remove(['a']);
  answers.close();
});
