import { beforeEach, expect, test } from 'vitest';
import { deadHeaders, deadTopic, inputTopic, recordHeaders } from '../../../../schemas/kafka/kafkaTopics.ts';
import { createLetters, describeLetter, letterId } from '../../../../server/src/queue/kafka/admin/letters.ts';
import { createMemoryLog, type MemoryLog } from '../../../support/memoryLog.ts';

const topic = deadTopic('digits');
let log: MemoryLog;
beforeEach(async () => {
  log = createMemoryLog();
  await log.ensure(topic, 2, {});
  await log.ensure(inputTopic('digits'), 1, {});
});

async function addLetter(uri: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await log.append([
    {
      topic,
      partition: 0,
      key: uri,
      value: JSON.stringify({ uri, data: 'x' }),
      headers: { [deadHeaders.reason]: 'broken', [deadHeaders.worker]: 'w1', ...more },
    },
  ]);
}

const uris = async (count = 10, below?: bigint) => {
  const page = await createLetters(log).page('digits', count, below);
  return page.letters.map(({ key }) => String(key));
};

test('letters are paged through from the newest on', async () => {
  for (const uri of ['a', 'b', 'c', 'd', 'e']) await addLetter(uri);
  const letters = createLetters(log);
  const first = await letters.page('digits', 2, undefined);
  expect(first.letters.map(letterId)).toEqual(['dead-4', 'dead-3']);
  expect(first.hasMore).toBe(true);
  expect(await uris(10, 3n)).toEqual(['c', 'b', 'a']);
  expect((await letters.page('digits', 5, undefined)).hasMore).toBe(false);
});

test('a letter that is put back is hidden, from other programs too, and counts no more', async () => {
  for (const uri of ['a', 'b', 'c']) await addLetter(uri);
  const letters = createLetters(log);
  expect(await letters.requeue('digits', ['dead-1', 'dead-9', 'dead-1'])).toEqual({
    jobName: 'digits',
    done: 1,
    refused: [
      { id: 'dead-9', why: 'It is not among the dead letters.' },
      { id: 'dead-1', why: 'It is not among the dead letters.' },
    ],
  });
  expect(await uris()).toEqual(['c', 'a']);
  expect(await letters.count('digits')).toBe(2);
  expect(await createLetters(log).one('digits', 'dead-1')).toBeUndefined();
});

test('what is put back is the record as it was, without the deadline of who has gone', async () => {
  await addLetter('a', {
    [recordHeaders.deadline]: '1',
    [recordHeaders.sharedBy]: '3',
    [recordHeaders.reply]: 'typed',
    [recordHeaders.requeued]: '1',
  });
  await createLetters(log).requeueAll('digits');
  const [record] = log.messages(inputTopic('digits'));
  expect(String(record?.key)).toBe('a');
  expect(String(record?.value)).toBe('{"uri":"a","data":"x"}');
  const headers = Array.from(record?.headers ?? [], ([name, text]) => [name, String(text)]);
  expect(headers).toEqual([
    [recordHeaders.reply, 'typed'],
    [recordHeaders.requeued, '2'],
  ]);
});

test('all are put back, the oldest first, and later ones stay', async () => {
  for (let i = 0; i < 250; i += 1) await addLetter(`r${i}`);
  const letters = createLetters(log);
  await letters.requeue('digits', ['dead-7']);
  expect((await letters.requeueAll('digits')).done).toBe(249);
  const records = log.messages(inputTopic('digits')).map(({ key }) => String(key));
  expect(records.slice(0, 3)).toEqual(['r7', 'r0', 'r1']);
  expect(records).toHaveLength(250);
  expect(await letters.count('digits')).toBe(0);
  await addLetter('later');
  expect(await uris()).toEqual(['later']);
});

test('a topic that was made again is counted from its beginning', async () => {
  for (const uri of ['a', 'b']) await addLetter(uri);
  const letters = createLetters(log);
  await letters.requeueAll('digits');
  log.deleteTopic(topic);
  expect(await letters.count('digits')).toBe(0);
  await log.ensure(topic, 2, {});
  await addLetter('c');
  expect(await letters.count('digits')).toBe(1);
});

test('a letter is described by its headers, and without them by what is there', async () => {
  await addLetter('a', {
    [deadHeaders.id]: '0-5',
    [deadHeaders.time]: '1700000000123',
    [deadHeaders.deliveries]: '2',
  });
  await log.append([{ topic, partition: 0, value: 'foreign' }]);
  const [foreign, letter] = (await createLetters(log).page('digits', 2, undefined)).letters;
  if (!letter || !foreign) throw new Error('no letters');
  expect(describeLetter(letter, new Map([['w1', '7@host']]))).toEqual({
    ...{ id: 'dead-0', uri: 'a', reason: 'broken', at: 1_700_000_000_123, deliveries: 2 },
    ...{ consumer: 'w1', worker: '7@host', originalId: '0-5', requeued: 0 },
  });
  expect(describeLetter(foreign, new Map())).toEqual({
    ...{ id: 'dead-1', reason: '', at: log.time, deliveries: 0, requeued: 0 },
  });
});
