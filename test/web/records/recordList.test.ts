import { expect, test } from 'vitest';
import type { ListedPage, ListQuestion, ListedState } from '../../../schemas/recordsPage.ts';
import { createRecordList } from '../../../web/records/recordList.ts';

interface Asked {
  readonly question: ListQuestion;
  answer(page: ListedPage): void;
  fail(error: Error): void;
}

/** Lists of these lengths, in pages of 1,000; `hold` keeps the questions back until they are answered by hand. */
function aQueue(lengths: Partial<Record<ListedState, number>>, isHeld = false) {
  const questions: ListQuestion[] = [];
  const held: Asked[] = [];
  const answerOf = ({ state, after, uri }: ListQuestion): ListedPage => {
    const from = after === undefined ? 0 : Number(after) + 1;
    const to = Math.min(lengths[state] ?? 0, from + 1_000);
    const page = Array.from({ length: Math.max(0, to - from) }, (_, i) => ({
      id: String(from + i),
      uri: `${state}-${from + i}`,
      at: from + i,
    }));
    const records = uri === undefined ? page : page.filter((record) => record.uri.includes(uri));
    return {
      records,
      ...(to < (lengths[state] ?? 0) ? { next: String(to - 1) } : {}),
      ...(uri === undefined ? {} : { searched: page.length }),
    };
  };
  const list = createRecordList({
    ask: (question) => {
      questions.push(question);
      if (!isHeld) return Promise.resolve(answerOf(question));
      return new Promise((resolve, reject) => held.push({ question, answer: resolve, fail: reject }));
    },
    onChange: () => undefined,
  });
  return { list, questions, held, lengths, answerOf };
}

const all: readonly ListedState[] = ['dead', 'pending', 'waiting'];
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the lists come one after the other until there is something to see', async () => {
  const { list, questions } = aQueue({ dead: 2, pending: 3, waiting: 5_000 });
  await list.choose(all, '');
  expect(questions.map(({ state }) => state)).toEqual(['dead', 'pending', 'waiting']);
  expect(list.rows()).toHaveLength(1_005);
  expect(list.rows().map(({ key }) => key)).toContain('pending/2');
  expect(list.hasMore()).toBe(true);
});

test('what is loaded later stands below what is there, and nothing is asked for twice', async () => {
  const { list, questions } = aQueue({ waiting: 2_500 });
  await list.choose(['waiting'], '');
  await list.more();
  await list.more();
  await list.more();
  expect(list.rows().map(({ id }) => id)).toEqual(Array.from({ length: 2_500 }, (_, i) => String(i)));
  expect(questions.map(({ after }) => after)).toEqual([undefined, '999', '1999']);
  expect(list.hasMore()).toBe(false);
});

test('a search goes on through pages without a match, and counts what it looked at', async () => {
  const { list } = aQueue({ waiting: 30_000, dead: 5 });
  await list.choose(all, 'waiting-29999');
  expect(list.rows().map(({ id }) => id)).toEqual(['29999']);
  expect(list.looked()).toBe(30_005);
  expect(list.hasMore()).toBe(false);
});

test('everything is loaded until it is stopped', async () => {
  const { list, held, answerOf } = aQueue({ waiting: 9_000 }, true);
  const chosen = list.choose(['waiting'], '');
  held.shift()?.answer(answerOf({ state: 'waiting' }));
  await chosen;
  const loading = list.all();
  held.shift()?.answer(answerOf({ state: 'waiting', after: '999' }));
  await settled();
  list.stop();
  held.shift()?.answer(answerOf({ state: 'waiting', after: '1999' }));
  await loading;
  expect(list.rows()).toHaveLength(3_000);
  expect(list.isStopped()).toBe(true);
  expect(held).toEqual([]);
});

test('an answer that comes after another choice is dropped', async () => {
  const { list, held, answerOf } = aQueue({ waiting: 10, dead: 1 }, true);
  const first = list.choose(['waiting'], '');
  const second = list.choose(['dead'], '');
  held[1]?.answer(answerOf({ state: 'dead' }));
  await second;
  held[0]?.answer(answerOf({ state: 'waiting' }));
  await first;
  expect(list.rows().map(({ key }) => key)).toEqual(['dead/0']);
});

test('a short list follows its queue, and keeps its rows until the new ones are there', async () => {
  const queue = aQueue({ dead: 3 });
  await queue.list.choose(all, '');
  queue.lengths.dead = 1;
  const moved = queue.list.moved();
  expect(queue.list.rows()).toHaveLength(3);
  await moved;
  expect(queue.list.rows()).toHaveLength(1);
  expect(queue.list.isOld()).toBe(false);
});

test('a long list, and one that is searched, is old when its queue has moved, until it is loaded again', async () => {
  const { list, questions } = aQueue({ waiting: 5_000 });
  await list.choose(['waiting'], '');
  await list.more();
  const before = questions.length;
  await list.moved();
  expect([list.isOld(), questions.length]).toEqual([true, before]);
  await list.reload();
  expect(list.isOld()).toBe(false);
  await list.choose(['waiting'], 'waiting-4');
  await list.moved();
  expect(list.isOld()).toBe(true);
});

test('a queue that moves while a part is being loaded is looked at again afterwards', async () => {
  const { list, held, questions } = aQueue({ dead: 1 }, true);
  const chosen = list.choose(['dead'], '');
  await list.moved();
  expect(questions).toHaveLength(1);
  held.shift()?.answer({ records: [{ id: '1', at: 1 }] });
  await chosen;
  expect(questions).toHaveLength(2);
  held.shift()?.answer({ records: [{ id: '2', at: 2 }] });
  await settled();
  expect(list.rows().map(({ id }) => id)).toEqual(['2']);
});

test('what cannot be read is said, and what was there stays', async () => {
  const { list, held } = aQueue({}, true);
  const chosen = list.choose(['dead'], '');
  held.shift()?.answer({ records: [{ id: '1', at: 1 }] });
  await chosen;
  const again = list.reload();
  held.shift()?.fail(new Error('Redis is away'));
  await again;
  expect(list.failure()).toBe('Redis is away');
  expect(list.rows()).toHaveLength(1);
  const third = list.reload();
  held.shift()?.answer({ records: [] });
  await third;
  expect(list.failure()).toBeUndefined();
});

test('a record that is met twice, since it moved between two parts, is there once', async () => {
  const { list, held } = aQueue({}, true);
  const chosen = list.choose(['waiting'], '');
  held.shift()?.answer({ records: [{ id: '1', at: 1 }], next: '1' });
  await settled();
  held.shift()?.answer({
    records: [
      { id: '1', at: 1 },
      { id: '2', at: 2 },
    ],
  });
  await chosen;
  expect(list.rows().map(({ id }) => id)).toEqual(['1', '2']);
});
