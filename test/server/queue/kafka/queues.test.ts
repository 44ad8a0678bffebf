import { beforeEach, describe, expect, test } from 'vitest';
import { deadTopic, inputTopic } from '../../../../schemas/kafka/kafkaTopics.ts';
import { createLetters } from '../../../../server/src/queue/kafka/admin/letters.ts';
import { createFigures, standingsOf } from '../../../../server/src/queue/kafka/admin/standing.ts';
import { firstRecords, isTaken } from '../../../../server/src/queue/kafka/admin/unanswered.ts';
import { fieldsOfMessage } from '../../../../server/src/queue/kafka/admin/storedMessage.ts';
import { assignedTo } from '../../../../server/src/queue/kafka/groupAssignment.ts';
import { idOf, positionOf, type Committed } from '../../../../server/src/queue/kafka/topicLog.ts';
import {
  answeredBeyond,
  noNotes,
  writeNotes,
} from '../../../../server/src/queue/kafka/worker/partitionNotes.ts';
import { createMemoryLog, type MemoryLog } from '../../../support/memoryLog.ts';

const topic = inputTopic('digits');
let log: MemoryLog;
beforeEach(async () => {
  log = createMemoryLog();
  await log.ensure(topic, 2, {});
  await log.ensure(deadTopic('digits'), 2, {});
});

async function add(partition: number, ...uris: string[]): Promise<void> {
  for (const uri of uris) {
    log.time += 1_000;
    await log.append([{ topic, partition, key: uri, value: JSON.stringify({ uri, data: 'x' }) }]);
  }
}

function commit(
  partition: number,
  offset: number,
  answered: readonly { from: number; to: number }[] = [],
): void {
  const commits = log.commits.get(topic) ?? new Map<number, Committed>();
  commits.set(partition, { offset: BigInt(offset), metadata: writeNotes(offset, { ...noNotes, answered }) });
  log.commits.set(topic, commits);
}

const standings = () => standingsOf(log, 'digits', answeredBeyond);
const figures = (inHand: number) =>
  createFigures(log, {
    letters: createLetters(log),
    readNotes: answeredBeyond,
    now: () => log.time,
  }).read('digits', inHand);

describe('the figures of a queue in Kafka', () => {
  test('count what is not answered, in all partitions', async () => {
    await add(0, 'a', 'b', 'c');
    await add(1, 'd', 'e');
    expect(await figures(0)).toEqual({ waiting: 5, pending: 0, dead: 0, oldestAgeMs: 4_000, added: 5 });
    commit(0, 1, [{ from: 2, to: 3 }]);
    commit(1, 2);
    expect(await figures(1)).toEqual({ waiting: 0, pending: 1, dead: 0, oldestAgeMs: 3_000, added: 5 });
    expect(await figures(7)).toMatchObject({ waiting: 0, pending: 1 });
  });

  test('are zero without a topic, and without records', async () => {
    const none = { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0, added: 0 };
    expect(await figures(3)).toEqual(none);
    log.deleteTopic(topic);
    log.deleteTopic(deadTopic('digits'));
    expect(await figures(3)).toEqual(none);
  });

  test('take no note of a commit of a topic that was there before', async () => {
    commit(0, 100);
    await add(0, 'a');
    expect(await figures(0)).toMatchObject({ waiting: 1 });
  });
});

describe('records that are not answered', () => {
  const uris = async (kind: 'taken' | 'waiting', inHand: number, count = 10, after?: string) => {
    const chosen = { jobName: 'digits', standings: await standings(), inHand };
    return (await firstRecords(log, chosen, { kind, count, after })).map(({ key }) => String(key));
  };

  test('are those in flight first, evenly by partition, then those that wait', async () => {
    await add(0, 'a', 'b', 'c', 'd', 'e');
    await add(1, 'f', 'g');
    commit(0, 1, [{ from: 2, to: 3 }]);
    expect(await uris('taken', 3)).toEqual(['b', 'd', 'f']);
    expect(await uris('waiting', 3)).toEqual(['e', 'g']);
    expect(await uris('taken', 0)).toEqual([]);
    expect(await uris('waiting', 0)).toEqual(['b', 'd', 'e', 'f', 'g']);
    expect(await uris('taken', 99)).toEqual(['b', 'd', 'e', 'f', 'g']);
    const all = await standings();
    expect(isTaken(all, 3, { partition: 0, offset: 3n })).toBe(true);
    expect(isTaken(all, 3, { partition: 0, offset: 4n })).toBe(false);
    expect(isTaken(all, 3, { partition: 9, offset: 0n })).toBe(false);
  });

  test('are paged through without a gap, over all partitions', async () => {
    await add(0, 'a', 'b', 'c', 'd');
    await add(1, 'e', 'f');
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const chosen = { jobName: 'digits', standings: await standings(), inHand: 1 };
      const page = await firstRecords(log, chosen, { kind: 'waiting', count: 2, after });
      if (page.length === 0) break;
      seen.push(...page.map(({ key }) => String(key)));
      after = idOf(page.at(-1) ?? { partition: 0, offset: 0n });
    }
    expect(seen).toEqual(['b', 'c', 'd', 'e', 'f']);
  });
});

test.each([
  ['0-17', { partition: 0, offset: 17n }],
  ['12-0', { partition: 12, offset: 0n }],
  ['dead-1', undefined],
  ['1', undefined],
  ['-1-2', undefined],
  ['1-x', undefined],
])('the id %s is read as a place, or as none', (id, place) => {
  expect(positionOf(id)).toEqual(place);
  if (place) expect(idOf(place)).toBe(id);
});

describe('the fields of a message', () => {
  const message = (
    key: string | null,
    value: string | null,
    headers: Readonly<Record<string, string>> = {},
  ) => ({
    ...{ partition: 0, offset: 0n, time: 0 },
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: new Map(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  });

  test.each([
    ['"k"', '{"uri":"u","data":"d","serde":"stream"}', { uri: 'u', data: 'd', serde: 'stream' }],
    ['k', '{"data":"d"}', { uri: 'k', data: 'd', serde: undefined }],
    ['"k"', 'no JSON', { uri: 'k', data: undefined, serde: undefined }],
    ['"k', '[1]', { uri: '"k', data: undefined, serde: undefined }],
    ['', '{"uri":7,"data":{}}', { uri: undefined, data: undefined, serde: undefined }],
    [null, null, { uri: undefined, data: undefined, serde: undefined }],
    ['k', 'null', { uri: 'k', data: undefined, serde: undefined }],
  ])('key %j and value %j', (key, value, fields) => {
    expect(fieldsOfMessage(message(key, value))).toEqual(fields);
  });

  test('of the typed form are in its headers, and its bytes are the payload', () => {
    const typed = message('k', '\u0001bytes', { uri: 'u', serde: 'typed' });
    expect(fieldsOfMessage(typed)).toEqual({ uri: 'u', data: Buffer.from('\u0001bytes'), serde: 'typed' });
  });
});

describe('the assignment of a member', () => {
  function assignment(topics: Readonly<Record<string, readonly number[]>>): Buffer {
    const parts = [Buffer.from([0, 1]), int32(Object.keys(topics).length)];
    for (const [name, partitions] of Object.entries(topics)) {
      const length = Buffer.alloc(2);
      length.writeInt16BE(name.length);
      parts.push(length, Buffer.from(name), int32(partitions.length), ...partitions.map(int32));
    }
    return Buffer.concat([...parts, int32(-1)]);
  }
  function int32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  }

  test('names the partitions of a topic, in order', () => {
    const bytes = assignment({ other: [5], digits: [3, 1, 2] });
    expect(assignedTo(bytes, 'digits')).toEqual([1, 2, 3]);
    expect(assignedTo(bytes, 'other')).toEqual([5]);
    expect(assignedTo(bytes, 'none')).toEqual([]);
  });

  test.each([null, undefined, Buffer.alloc(0), Buffer.from([0]), Buffer.from([0, 1, 127, 255, 255, 255])])(
    'that is damaged names none (%#)',
    (bytes) => expect(assignedTo(bytes, 'digits')).toEqual([]),
  );
});
