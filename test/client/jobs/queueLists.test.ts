import { expect, test } from 'vitest';
import { createQueueList } from '../../../client/src/jobs/queues/queueLists.ts';

/** A list of this many numbers, with what was asked of it. */
function setUp(length: number) {
  const asked: [count: number, after: string | undefined][] = [];
  const list = createQueueList<number>(
    2,
    (count, after) => {
      asked.push([count, after]);
      const from = after === undefined ? 0 : Number(after) + 1;
      const records = Array.from({ length: Math.min(count, length - from) }, (_, i) => from + i);
      const last = records.at(-1) ?? from;
      return Promise.resolve({ records, ...(last < length - 1 ? { next: String(last) } : {}) });
    },
    () => undefined,
  );
  return { list, asked };
}

test('the beginning is asked for once, however often it is looked at', async () => {
  const { list, asked } = setUp(5);
  await list.records();
  expect(await list.records()).toEqual({ records: [0, 1], next: '1' });
  expect(asked).toEqual([[2, undefined]]);
});

test('more comes after what is known, until the end', async () => {
  const { list, asked } = setUp(3);
  await list.records();
  await list.more();
  expect(await list.records()).toEqual({ records: [0, 1, 2] });
  await list.more();
  expect(asked).toEqual([
    [2, undefined],
    [2, '1'],
  ]);
});

test('as much as was shown is asked for again when it has become old', async () => {
  const { list, asked } = setUp(9);
  await list.records();
  await list.more();
  list.outdate();
  expect((await list.records()).records).toEqual([0, 1, 2, 3]);
  expect(asked.at(-1)).toEqual([4, undefined]);
});

test('after a failure the next look asks again', async () => {
  let fails = true;
  const list = createQueueList<number>(
    2,
    () => {
      if (!fails) return Promise.resolve({ records: [1] });
      return Promise.reject(new Error('away'));
    },
    () => undefined,
  );
  await expect(list.records()).rejects.toThrow('away');
  fails = false;
  expect(await list.records()).toEqual({ records: [1] });
});

test('what is stale is shown at once, and what is there now as soon as it is known', async () => {
  let answer: (records: readonly number[]) => void = () => undefined;
  let fresh = 0;
  const list = createQueueList<number>(
    2,
    () => new Promise((resolve) => (answer = (records) => resolve({ records }))),
    () => (fresh += 1),
  );
  const first = list.records();
  answer([1]);
  await first;
  list.outdate();
  expect((await list.records()).records).toEqual([1]);
  expect((await list.records()).records).toEqual([1]);
  answer([2]);
  await expect.poll(() => fresh).toBe(1);
  expect((await list.records()).records).toEqual([2]);
  list.outdate();
  await list.records();
  answer([2]);
  expect((await list.records()).records).toEqual([2]);
  expect(fresh).toBe(1);
});
