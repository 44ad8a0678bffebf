import { expect, test } from 'vitest';
import {
  createSubmitter,
  type RecordSink,
  type Submission,
  type TimedRecord,
} from '../../../server/src/queue/submitter.ts';
import { createHandClock, settled } from '../../support/handClock.ts';

interface Given {
  readonly uri: string;
  readonly bytes: number;
}

/** A store in memory whose writes end when the test says so. */
function memorySink() {
  const puts: { readonly uris: readonly string[]; readonly leftMs: readonly number[] }[] = [];
  const large: string[] = [];
  const removed: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const until = <T>(value: T) =>
    new Promise<T>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve(value))));
  let ids = 0;
  const idOf = () => `${(ids += 1)}-0`;
  const sink: RecordSink = {
    put(records: readonly TimedRecord[]) {
      puts.push({
        uris: records.map(({ record }) => record.uri),
        leftMs: records.map(({ leftMs }) => leftMs),
      });
      return until(records.map(idOf));
    },
    putLarge({ record }) {
      large.push(record.uri);
      return until(idOf());
    },
    remove(some) {
      removed.push(...some);
      return Promise.resolve();
    },
  };
  /** Ends the oldest write that is on its way. */
  async function end(error?: Error): Promise<void> {
    ends.shift()?.(error);
    await settled();
  }
  return { sink, puts, large, removed, end, written: () => puts.map(({ uris }) => uris) };
}

function open({ timeWindowMs = 0, countWindow = 4, dataBytes = 10 } = {}) {
  const store = memorySink();
  const clock = createHandClock(0);
  const heard: string[] = [];
  const writes: (readonly [number, number])[] = [];
  const submissionOf = ({ uri }: Given): Submission => ({
    record: { uri, data: 'd'.repeat(dataBytes), deadline: 1_000 },
    onPut: (id) => heard.push(`${uri} put as ${id}`),
    onFailed: (error) => heard.push(`${uri} failed: ${String(error)}`),
  });
  const submitter = createSubmitter<Given>(
    {
      timeWindowMs,
      countWindow,
      recordsOf: (items) => items.map(submissionOf),
      onWritten: (items, ms) => writes.push([items, ms]),
    },
    store.sink,
    clock,
  );
  const add = (...uris: readonly string[]) => {
    for (const uri of uris) submitter.add({ uri, bytes: dataBytes });
  };
  return { ...store, clock, heard, writes, submitter, add };
}

test('what comes in one turn is written together, and each hears of its own entry', async () => {
  const { add, written, end, heard } = open();
  add('a', 'b');
  expect(written()).toEqual([]);
  await settled();
  expect(written()).toEqual([['a', 'b']]);
  await end();
  expect(heard).toEqual(['a put as 1-0', 'b put as 2-0']);
});

test('what comes while a write is on its way goes together in the next', async () => {
  const { add, written, end } = open();
  add('a');
  await settled();
  add('b');
  await settled();
  add('c');
  await settled();
  expect(written()).toEqual([['a']]);
  await end();
  expect(written()).toEqual([['a'], ['b', 'c']]);
});

test('with a window records are collected for its time', async () => {
  const { add, written, clock } = open({ timeWindowMs: 20 });
  add('a');
  await clock.pass(19);
  add('b');
  expect(written()).toEqual([]);
  await clock.pass(1);
  expect(written()).toEqual([['a', 'b']]);
});

test('a window that is full ends early, also while another write is on its way', async () => {
  const { add, written } = open({ timeWindowMs: 1_000, countWindow: 2 });
  add('a', 'b', 'c', 'd', 'e');
  await settled();
  expect(written()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('a write holds so much that the store is not busy with it for long, and the rest follows', async () => {
  const { add, written, end } = open({ timeWindowMs: 5, countWindow: 10_000 });
  add(...Array.from({ length: 700 }, (_, i) => `r${i}`));
  await settled();
  expect(written()).toEqual([]);
  const big = open({ timeWindowMs: 5, countWindow: 10_000, dataBytes: 60_000 });
  big.add(...Array.from({ length: 300 }, (_, i) => `r${i}`));
  await big.clock.pass(5);
  expect(big.written()).toHaveLength(1);
  expect((big.written()[0]?.length ?? 0) * 60_000).toBeLessThanOrEqual(8 * 1024 * 1024);
  await end();
});

test('no more than 512 records go in one write', async () => {
  const { add, written, clock, end } = open({ timeWindowMs: 5, countWindow: 10_000 });
  add(...Array.from({ length: 700 }, (_, i) => `r${i}`));
  await clock.pass(5);
  expect(written().map(({ length }) => length)).toEqual([512]);
  await end();
  expect(written().map(({ length }) => length)).toEqual([512, 188]);
});

test('a large record goes by itself, one after the other, beside the small ones', async () => {
  const { add, large, written, end, heard } = open({ dataBytes: 100_000 });
  add('a', 'b');
  await settled();
  expect(written()).toEqual([]);
  expect(large).toEqual(['a']);
  await end();
  expect(large).toEqual(['a', 'b']);
  await end();
  expect(heard).toEqual(['a put as 1-0', 'b put as 2-0']);
});

test('what the store refuses is reported to each, and the next write goes on', async () => {
  const { add, end, heard } = open();
  add('a', 'b');
  await settled();
  await end(new Error('full'));
  expect(heard).toEqual(['a failed: Error: full', 'b failed: Error: full']);
  add('c');
  await settled();
  await end();
  expect(heard.at(-1)).toMatch(/^c put as/);
});

test('a large record that is refused does not hold up the next', async () => {
  const { add, end, heard } = open({ dataBytes: 100_000 });
  add('a', 'b');
  await settled();
  await end(new Error('too large'));
  await end();
  expect(heard).toEqual(['a failed: Error: too large', 'b put as 2-0']);
});

test('a record says how long its result is waited for from the write on, at least a moment', async () => {
  const { add, puts, clock, end } = open({ timeWindowMs: 300 });
  add('a');
  await clock.pass(300);
  await clock.pass(2_000);
  await end();
  add('b');
  await clock.pass(300);
  expect(puts.map(({ leftMs }) => leftMs)).toEqual([[700], [1]]);
});

test('how long a write took is measured', async () => {
  const { add, clock, end, writes } = open();
  add('a', 'b');
  await clock.pass(7);
  await end();
  expect(writes).toEqual([[2, 7]]);
});

test('records are taken back by their ids, and none is asked for if there is none', async () => {
  const { submitter, removed } = open();
  await submitter.withdraw([]);
  await submitter.withdraw(['1-0', '2-0']);
  expect(removed).toEqual(['1-0', '2-0']);
});
