import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redis/redisKeys.ts';
import { decodeResult } from '../../../server/src/codec/decodeResult.ts';
import { decodeTypedResult, encodeTypedRecord } from '../../../server/src/codec/typedForm.ts';
import { createDecoder } from '../../../server/src/engine/records/decodeRecord.ts';
import { createEncoder } from '../../../server/src/engine/records/encodeOutputs.ts';
import { createEngine, type Engine, type EngineOptions } from '../../../server/src/engine/engine.ts';
import { createStatistics, type Statistics } from '../../../server/src/engine/statistics.ts';
import type { Model, ModelTensor } from '../../../server/src/model/model.ts';
import type { QueuedRecord } from '../../../server/src/queue/recordQueue.ts';
import { dense, record } from '../../support/ask.ts';
import { createHandClock, type HandClock } from '../../support/handClock.ts';
import { createMemoryQueue, queued, type MemoryQueue } from '../../support/memoryQueue.ts';

const inputs = [{ name: 'x', type: 'float32', shape: [null, null] }];
const outputs = [{ name: 'y', type: 'float32', shape: [null, null] }];

let queue: MemoryQueue;
let clock: HandClock;
let statistics: Statistics;
let warnings: string[];
let runs: { readonly shape: readonly number[]; readonly data: readonly number[] }[];
/** Runs that wait for their answer while the model is held. */
let pending: (() => void)[];
let isHeld: boolean;

beforeEach(() => {
  queue = createMemoryQueue();
  clock = createHandClock();
  statistics = createStatistics(0);
  warnings = [];
  runs = [];
  pending = [];
  isHeld = false;
});

/** Doubles its numbers; 13 is more than it can bear. */
function doubling(more: Partial<Model> = {}): Model {
  return {
    inputs,
    outputs,
    labels: new Map(),
    sharing: { shared: true, reason: 'rows are doubled one by one', proof: 'word' },
    slots: 1,
    async run([x]) {
      const { shape, data } = x as ModelTensor & { readonly data: Float32Array };
      runs.push({ shape, data: data.length > 100 ? [] : [...data] });
      if (isHeld) await new Promise<void>((resolve) => pending.push(resolve));
      if (data.includes(13)) throw new ServingError('model-run-failed', 'no 13');
      return [{ name: 'y', type: 'float32', shape, data: data.map((value) => 2 * value) }];
    },
    close: () => Promise.resolve(),
    ...more,
  };
}

function start(more: Partial<EngineOptions> = {}): {
  readonly engine: Engine;
  readonly ended: Promise<void>;
} {
  const model = more.model ?? doubling();
  const batched = model.sharing.shared;
  const decode = createDecoder({
    inputs: model.inputs,
    batched,
    inputAlreadyBatched: false,
    imageResize: undefined,
  });
  const engine = createEngine({
    queue,
    model,
    decode,
    encode: createEncoder(undefined, model.outputs),
    batchSize: 4,
    batchTimeoutMs: 0,
    maxDeliveries: 3,
    statistics,
    clock,
    log: {
      info: () => undefined,
      warn: (text: string) => void warnings.push(text),
      error: (text: string) => void warnings.push(text),
      lost: 0,
      close: () => undefined,
    },
    ...more,
  });
  const ended = engine.run();
  ended.catch(() => undefined);
  return { engine, ended };
}

const row = (values: readonly number[], more: Partial<QueuedRecord> = {}): QueuedRecord =>
  queued({ data: record({ x: dense([values.length], values) }), ...more });

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 10_000) throw new Error('it never happened');
    await setImmediate();
  }
}
async function answered(count: number): Promise<void> {
  await until(() => queue.answers.length >= count);
}
/** Some turns in which anything that is going to happen does. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

/** What the client of a record reads: numbers, or the text. */
function read(of: QueuedRecord): unknown {
  const value = queue.answers.find((answer) => answer.record === of)?.value;
  if (value === undefined || value === unanswerable) return value;
  const tensors = typeof value === 'string' ? decodeResult(value) : decodeTypedResult(value);
  return tensors.map(({ shape, data }) => [[...shape], Array.from<unknown>(data)]);
}
const reasonOf = (of: QueuedRecord) => queue.answers.find((answer) => answer.record === of)?.reason;

describe('batches', () => {
  test('are of one shape and no larger than they may be, and each record gets its own rows', async () => {
    const records = [[1, 2], [3], [4, 5], [6], [7, 8], [9, 10], [11, 12]].map((values) => row(values));
    const { engine, ended } = start();
    queue.put(...records);
    await answered(7);
    expect(runs.map(({ shape }) => shape)).toEqual([
      [4, 2],
      [2, 1],
      [1, 2],
    ]);
    expect(records.map(read)).toEqual(
      [[1, 2], [3], [4, 5], [6], [7, 8], [9, 10], [11, 12]].map((values) => [
        [[values.length], values.map((value) => 2 * value)],
      ]),
    );
    engine.stop();
    await ended;
  });

  test('wait for more records as long as they may, by the clock', async () => {
    const { engine, ended } = start({ batchTimeoutMs: 50 });
    queue.put(row([1]));
    await settle();
    clock.advance(30);
    queue.put(row([2]));
    await settle();
    expect(runs).toEqual([]);
    clock.advance(20);
    await answered(2);
    expect(runs).toEqual([{ shape: [2, 1], data: [1, 2] }]);
    engine.stop();
    await ended;
  });

  test('go at once when they are full', async () => {
    const { engine, ended } = start({ batchTimeoutMs: 1_000_000 });
    queue.put(row([1]), row([2]), row([3]), row([4]));
    await answered(4);
    expect(runs.map(({ shape }) => shape)).toEqual([[4, 1]]);
    engine.stop();
    await ended;
  });

  test('that fail are run one by one, and only what is wrong is given up', async () => {
    const records = [row([1]), row([13]), row([3], { wantsTyped: true })];
    const { engine, ended } = start();
    queue.put(...records);
    await answered(3);
    expect(records.map(read)).toEqual([[[[1], [2]]], unanswerable, [[[1], [6]]]]);
    expect(reasonOf(records[1] as QueuedRecord)).toBe('model-run-failed: no 13');
    expect(statistics.report(2_000)).toMatchObject({
      processed: 3,
      failed: 1,
      expired: 0,
      batchSize: { max: 1 },
    });
    engine.stop();
    await ended;
  });

  test('end for good when an output turns out to have no row for each', async () => {
    const all = doubling();
    const model = doubling({
      async run(feeds) {
        const [y] = (await all.run(feeds)) as [ModelTensor];
        return [{ ...y, shape: [1, y.data.length] }];
      },
    });
    const records = [row([1]), row([2]), row([3])];
    const { engine, ended } = start({ model });
    queue.put(...records);
    await answered(3);
    expect(engine.sharing.shared).toBe(false);
    expect(records.map(read)).toEqual([[[[1], [2]]], [[[1], [4]]], [[[1], [6]]]]);
    expect(runs.map(({ shape }) => shape)).toEqual([
      [3, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(warnings).toHaveLength(1);
    queue.put(row([4]), row([5]));
    await answered(5);
    expect(runs.slice(4).map(({ shape }) => shape)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    engine.stop();
    await ended;
  });

  test.each([true, false])('instances of one record are one answer (batched: %s)', async (batched) => {
    const data = JSON.stringify({
      instances: [
        { x: [1, 2] },
        {
          x: [
            [3, 4],
            [5, 6],
          ],
        },
      ],
    });
    const one = queued({ data, serde: 'stream' });
    const { engine, ended } = start({
      model: doubling({ sharing: { shared: batched, reason: 'the test says so', proof: 'word' } }),
    });
    queue.put(one);
    await answered(1);
    expect(read(one)).toEqual([
      [
        [3, 2],
        [2, 4, 6, 8, 10, 12],
      ],
    ]);
    engine.stop();
    await ended;
  });
});

describe('what is not run', () => {
  test('records whose deadline has passed are neither decoded nor answered', async () => {
    const late = queued({ data: 'not to be decoded', deadline: 1_000 });
    const { engine, ended } = start();
    queue.put(late);
    await answered(1);
    expect(queue.answers).toEqual([{ record: late, value: undefined }]);
    expect(statistics.report(2_000)).toMatchObject({ processed: 0, failed: 0, expired: 1 });
    engine.stop();
    await ended;
  });

  test('records whose time runs out while they wait for the model are skipped before their run', async () => {
    isHeld = true;
    const [first, second] = [row([1]), row([2], { deadline: 1_500 })];
    const { engine, ended } = start({ batchSize: 1 });
    queue.put(first, second);
    await until(() => pending.length === 1);
    clock.advance(600);
    isHeld = false;
    pending.forEach((go) => go());
    await answered(2);
    expect([read(first), read(second)]).toEqual([[[[1], [2]]], undefined]);
    expect(runs).toHaveLength(1);
    engine.stop();
    await ended;
  });

  test('records that too many workers died of are given up undecoded', async () => {
    const one = row([1], { deliveries: 4, deaths: 3, alone: true });
    const { engine, ended } = start();
    queue.put(one);
    await answered(1);
    expect([read(one), reasonOf(one)]).toEqual([unanswerable, expect.stringMatching(/^delivery-limit: /)]);
    expect(runs).toEqual([]);
    engine.stop();
    await ended;
  });

  test('what cannot be decoded is given up with its reason, in the form that was asked for', async () => {
    const records = [
      queued({ data: undefined }),
      queued({ data: '%%%' }),
      row([1], { serde: 'odd' }),
      queued({
        data: encodeTypedRecord(new Map([['x', { type: 'string', shape: [1], data: ['a'] }]])),
        wantsTyped: true,
      }),
    ];
    const { engine, ended } = start();
    queue.put(...records);
    await answered(4);
    expect(records.slice(0, 3).map(read)).toEqual([unanswerable, unanswerable, unanswerable]);
    expect(records.map((one) => reasonOf(one)?.split(':')[0])).toEqual([
      'record-undecodable',
      'record-undecodable',
      'record-undecodable',
      'input-mismatch',
    ]);
    expect(() => read(records[3] as QueuedRecord)).toThrow(
      expect.objectContaining({
        code: 'input-mismatch',
        message: expect.stringContaining('"x"') as string,
      }) as Error,
    );
    engine.stop();
    await ended;
  });
});

describe('pressure', () => {
  test('what is taken is bounded by count while the model is busy, and goes on after it', async () => {
    isHeld = true;
    const records = Array.from({ length: 1_500 }, (_, i) => row([i % 7]));
    const { engine, ended } = start();
    queue.put(...records);
    await until(() => pending.length === 1);
    await settle();
    expect(engine.inFlight).toBeLessThanOrEqual(1_024);
    expect(engine.inFlight).toBeGreaterThan(1_000);
    isHeld = false;
    pending.forEach((go) => go());
    await answered(1_500);
    expect(records.every((one, i) => (read(one) as [[unknown, number[]]])[0][1][0] === 2 * (i % 7))).toBe(
      true,
    );
    engine.stop();
    await ended;
  });

  test('it is bounded by bytes too', async () => {
    isHeld = true;
    const { engine, ended } = start({ batchSize: 1 });
    const data = encodeTypedRecord(
      new Map([['x', { type: 'float32', shape: [1, 2_000_000], data: new Float32Array(2_000_000) }]]),
    );
    for (let i = 0; i < 8; i++) {
      queue.put(queued({ data: Buffer.from(data) }));
      await settle();
    }
    // Records of 8 MB: the fifth of them fills the 32 MB.
    expect(engine.inFlight).toBe(5);
    isHeld = false;
    pending.forEach((go) => go());
    await answered(8);
    engine.stop();
    await ended;
  });

  test('nothing is taken beside a record that is to be run alone', async () => {
    isHeld = true;
    const { engine, ended } = start();
    queue.put(row([1], { alone: true }));
    await until(() => pending.length === 1);
    queue.put(row([2]));
    await settle();
    expect([queue.takes.length, engine.inFlight]).toEqual([1, 1]);
    isHeld = false;
    pending.forEach((go) => go());
    await answered(2);
    engine.stop();
    await ended;
  });
});

describe('the end', () => {
  test('what is in flight is answered after the stop, without waiting for more', async () => {
    const records = [row([1]), row([2])];
    const { engine, ended } = start({ batchTimeoutMs: 1_000_000 });
    queue.put(...records);
    await until(() => engine.inFlight === 2);
    engine.stop();
    await ended;
    expect(records.map(read)).toEqual([[[[1], [2]]], [[[1], [4]]]]);
    expect(engine.inFlight).toBe(0);
  });

  test('a write that fails ends the run with its error', async () => {
    const { ended } = start();
    queue.failNext(new Error('the disk is full'));
    queue.put(row([1]));
    await expect(Promise.race([ended, until(() => false)])).rejects.toThrow(/the disk is full/);
  });

  test('answers that come while a write is on its way go together in the next', async () => {
    queue.hold();
    const { engine, ended } = start({ batchSize: 1 });
    queue.put(row([1]));
    await until(() => runs.length === 1);
    await settle();
    queue.put(row([2]), row([3]), row([4]));
    await until(() => runs.length === 4);
    await settle();
    queue.release();
    await answered(4);
    expect(queue.writes.map(({ length }) => length)).toEqual([1, 3]);
    engine.stop();
    await ended;
  });
});

test('requests that share a record are counted one by one, and a failed one of theirs not at all', async () => {
  const { engine, ended } = start();
  queue.put(queued({ data: record({ x: dense([2, 1], [1, 2]) }), sharedBy: 2 }), row([13], { sharedBy: 3 }));
  await answered(2);
  expect(statistics.report(2_000)).toMatchObject({ processed: 2, failed: 0, expired: 0, shared: 1 });
  engine.stop();
  await ended;
});

test('a large tensor is handed over without a copy, and run once', async () => {
  const numbers = new Float32Array(64 * 1024).fill(1);
  const data = encodeTypedRecord(
    new Map([['x', { type: 'float32', shape: [1, numbers.length], data: numbers }]]),
  );
  const taken: ArrayBufferLike[] = [];
  const model = doubling({
    run([x]) {
      const { shape, data: given } = x as ModelTensor & { readonly data: Float32Array<ArrayBuffer> };
      taken.push(given.buffer);
      // As the thread that runs the model does.
      structuredClone(given.buffer, { transfer: [given.buffer] });
      return Promise.resolve([{ name: 'y', type: 'float32', shape, data: new Float32Array(numbers.length) }]);
    },
  });
  const alone = queued({ data: Buffer.from(new Uint8Array(data).buffer), wantsTyped: true });
  const { engine, ended } = start({ model });
  const buffer = (alone.data as Buffer).buffer;
  queue.put(alone);
  await answered(1);
  expect(taken).toEqual([buffer]);
  // What its memory counted for is given back though the memory has gone.
  expect([engine.inFlight, (read(alone) as unknown[]).length]).toEqual([0, 1]);
  engine.stop();
  await ended;
});
