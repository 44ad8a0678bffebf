import { expect, test } from 'vitest';
import type { Published } from '../../../server/src/queue/answers.ts';
import type { Payload } from '../../../server/src/queue/payload.ts';
import { createResultWaiter, type ResultSource } from '../../../server/src/queue/resultWaiter.ts';
import { createHandClock, settled } from '../../support/handClock.ts';

/** Results in memory. */
function memorySource() {
  const results = new Map<string, Payload>();
  const reads: (readonly string[])[] = [];
  let trouble: Error | undefined;
  let announce: (results: readonly Published[]) => void = () => undefined;
  let reconnects = 0;
  let isClosed = false;
  const source: ResultSource = {
    read(uris) {
      reads.push(uris);
      return trouble ? Promise.reject(trouble) : Promise.resolve(uris.map((uri) => results.get(uri)));
    },
    remove(uris) {
      if (trouble) return Promise.reject(trouble);
      for (const uri of uris) results.delete(uri);
      return Promise.resolve();
    },
    listen(onAnswered) {
      announce = onAnswered;
      return {
        reconnect: () => (reconnects += 1),
        close: () => (isClosed = true),
      };
    },
  };
  return {
    source,
    results,
    reads,
    /** From now on nothing can be asked; undefined ends it. */
    fail: (error: Error | undefined) => (trouble = error),
    /** A worker writes a result and announces it. */
    answer: (uri: string, value: string, { inMessage = true } = {}) => {
      results.set(uri, value);
      announce([{ uri, value: inMessage ? value : undefined }]);
    },
    reconnects: () => reconnects,
    isClosed: () => isClosed,
  };
}

function open() {
  const memory = memorySource();
  const clock = createHandClock(0);
  const taken: number[] = [];
  const waiter = createResultWaiter({ onTaken: (ms) => taken.push(ms) }, memory.source, clock);
  return { ...memory, clock, taken, waiter };
}

test('a result in a message is the answer at once, and is removed a little later', async () => {
  const { waiter, answer, results, reads, clock } = open();
  const value = waiter.wait('a', 1_000);
  answer('a', 'v');
  expect(await value).toBe('v');
  expect(waiter.waiting).toBe(0);
  await clock.pass(25);
  expect(results.size).toBe(0);
  expect(reads).toEqual([]);
});

test('a large result is announced without its value, and fetched', async () => {
  const { waiter, answer, results, clock } = open();
  const value = waiter.wait('a', 1_000);
  answer('a', 'large', { inMessage: false });
  expect(await value).toBe('large');
  await clock.pass(25);
  expect(results.size).toBe(0);
});

test('no more than eight large results are fetched at once', async () => {
  const { waiter, answer, reads } = open();
  const uris = Array.from({ length: 20 }, (_, i) => `r${i}`);
  const values = Promise.all(uris.map((uri) => waiter.wait(uri, 1_000)));
  for (const uri of uris) answer(uri, uri, { inMessage: false });
  expect(await values).toEqual(uris);
  expect(Math.max(...reads.map(({ length }) => length))).toBeLessThanOrEqual(8);
});

test('workers that announce nothing are polled', async () => {
  const { waiter, results, clock } = open();
  const value = waiter.wait('a', 1_000);
  await clock.pass(10);
  results.set('a', 'v');
  await clock.pass(10);
  expect(await value).toBe('v');
});

test('where workers announce, a wait is polled for rarely', async () => {
  const { waiter, answer, reads, clock } = open();
  const first = waiter.wait('first', 10_000);
  answer('first', 'v');
  await first;
  void waiter.wait('a', 10_000);
  await clock.pass(1_000);
  expect(reads.length).toBeGreaterThan(0);
  expect(reads.length).toBeLessThan(10);
});

test('a wait is over at its deadline, after one last look', async () => {
  const { waiter, results, clock } = open();
  const never = waiter.wait('never', 50);
  const late = waiter.wait('late', 50);
  await clock.pass(49);
  results.set('late', 'in time');
  await clock.pass(10);
  expect(await never).toBeUndefined();
  expect(await late).toBe('in time');
});

test('a store that cannot be asked at the end is the reason of the wait', async () => {
  const { waiter, fail, clock } = open();
  const value = waiter.wait('a', 50);
  value.catch(() => undefined);
  fail(new Error('away'));
  await clock.pass(200);
  await expect(value).rejects.toThrow('away');
});

test('a store that is away for a while costs nothing but time', async () => {
  const { waiter, fail, results, clock } = open();
  const value = waiter.wait('a', 10_000);
  fail(new Error('away'));
  await clock.pass(500);
  results.set('a', 'v');
  fail(undefined);
  await clock.pass(200);
  expect(await value).toBe('v');
});

test('a result whose caller has gone is removed when it comes', async () => {
  const { waiter, answer, results, clock } = open();
  const value = waiter.wait('a', 1_000);
  waiter.abandon('a');
  expect(await value).toBeUndefined();
  answer('a', 'late');
  await clock.pass(25);
  expect(results.size).toBe(0);
});

test('a record that could not be put in ends its wait with the reason', async () => {
  const { waiter } = open();
  const value = waiter.wait('a', 1_000);
  waiter.fail('a', new Error('refused'));
  await expect(value).rejects.toThrow('refused');
  expect(waiter.waiting).toBe(0);
});

test('the results of other frontends are left alone', async () => {
  const { waiter, answer, results, clock } = open();
  const value = waiter.wait('mine', 1_000);
  answer('theirs', 'v');
  answer('mine', 'v');
  await value;
  await clock.pass(50);
  expect([...results.keys()]).toEqual(['theirs']);
});

test('messages that do not come any more are missed, and the connection is made again', async () => {
  const { waiter, answer, results, clock, reconnects } = open();
  const first = waiter.wait('first', 1_000);
  answer('first', 'v');
  await first;
  const uris = Array.from({ length: 6 }, (_, i) => `r${i}`);
  const values = Promise.all(uris.map((uri) => waiter.wait(uri, 100_000)));
  for (const uri of uris) results.set(uri, uri);
  await clock.pass(500);
  expect(await values).toEqual(uris);
  void waiter.wait('next', 100_000);
  await clock.pass(50);
  expect(reconnects()).toBe(1);
});

test('a removal that fails is tried again', async () => {
  const { waiter, answer, results, fail, clock } = open();
  const value = waiter.wait('a', 1_000);
  answer('a', 'v');
  await value;
  fail(new Error('away'));
  await clock.pass(100);
  expect(results.size).toBe(1);
  fail(undefined);
  await clock.pass(100);
  expect(results.size).toBe(0);
});

test('a close removes what was announced, and hears nothing more', async () => {
  const { waiter, answer, results, isClosed } = open();
  const value = waiter.wait('a', 1_000);
  answer('a', 'v');
  await value;
  await waiter.close();
  await settled();
  expect(results.size).toBe(0);
  expect(isClosed()).toBe(true);
});
