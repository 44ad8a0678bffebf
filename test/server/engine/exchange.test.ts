import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { createEngine, type Engine, type EngineOptions } from '../../../server/src/engine/engine.ts';
import { createBatchTrust } from '../../../server/src/engine/flow/batchTrust.ts';
import type { Generation } from '../../../server/src/engine/flow/generation.ts';
import { createStatistics } from '../../../server/src/engine/statistics.ts';
import type { QueuedRecord } from '../../../server/src/queue/recordQueue.ts';
import { generation, isRunning, pending, row, runUntil, until } from '../../support/generations.ts';
import { createHandClock } from '../../support/handClock.ts';
import { createMemoryQueue, queued, type MemoryQueue } from '../../support/memoryQueue.ts';

const skip = () => undefined;
const log = { info: skip, warn: skip, error: skip, lost: 0, close: skip };

let queue: MemoryQueue;
let notes: (readonly string[])[];

beforeEach(() => {
  queue = createMemoryQueue();
  pending.clear();
  notes = [];
  queue.noteRunning = (records) => {
    notes.push(records.map(({ id }) => id));
    return Promise.resolve();
  };
});

interface Started {
  readonly engine: Engine;
  readonly ended: Promise<void>;
}

function start(first: Generation, more: Partial<EngineOptions> = {}): Started {
  const clock = createHandClock();
  const engine = createEngine({ ...first, queue, statistics: createStatistics(0), log, clock, ...more });
  const ended = engine.run();
  ended.catch(() => undefined);
  return { engine, ended };
}

const answerOf = (record: QueuedRecord) => queue.answers.find((answer) => answer.record === record)?.value;
const inputs = { share: undefined, tensors: undefined, inputs: new Map() };

describe('an exchange', () => {
  test('lets the old generation answer what it has, and the new one all that comes', async () => {
    const { engine, ended } = start(generation('old'));
    const records = Array.from({ length: 6 }, () => queued({ data: '' }));
    queue.put(...records);
    await until(() => isRunning('old'));
    let isDrained = false;
    const drained = engine.exchange(generation('new')).then(() => (isDrained = true));
    const later = queued({ data: '' });
    queue.put(later);
    await runUntil('new', () => answerOf(later) !== undefined);
    expect([answerOf(later), isDrained]).toEqual(['new encoded by new', false]);
    // The first run has a batch, the rest waits for the next.
    await runUntil('old', () => isDrained);
    await drained;
    expect(records.map(answerOf)).toEqual(Array(6).fill('old encoded by old'));
    engine.stop();
    await ended;
  });

  test('of requests does the same: each is answered in the words of what ran it', async () => {
    const { engine, ended } = start(generation('old'));
    const early = engine.requests?.ask('early', inputs, Infinity);
    await until(() => isRunning('old'));
    const drained = engine.exchange(generation('new'));
    const late = engine.requests?.ask('late', inputs, Infinity);
    await until(() => isRunning('new'));
    for (const name of ['old', 'new']) for (const end of pending.get(name) ?? []) end();
    expect([await early?.answer, await late?.answer]).toEqual(['old named by old', 'new named by new']);
    await drained;
    engine.stop();
    await ended;
  });

  test('resolves at once where nothing is under way', async () => {
    const { engine, ended } = start(generation('old'));
    await engine.exchange(generation('new'));
    await engine.exchange(generation('newer'));
    const record = queued({ data: '' });
    queue.put(record);
    await runUntil('newer', () => answerOf(record) !== undefined);
    engine.stop();
    await ended;
  });

  test('waits for a record that is still being decoded', async () => {
    let decoded: (record: ReturnType<Generation['decode']>) => void = skip;
    const slow = generation('old', {
      decode: () => new Promise((resolve) => (decoded = resolve as never)),
    });
    const { engine, ended } = start(slow);
    const record = queued({ data: '' });
    queue.put(record);
    await until(() => decoded !== skip);
    let isDrained = false;
    void engine.exchange(generation('new')).then(() => (isDrained = true));
    await setImmediate();
    expect(isDrained).toBe(false);
    decoded({ rows: 1, strip: false, key: 'old', instances: [row] });
    await runUntil('old', () => isDrained);
    expect(answerOf(record)).toBe('old encoded by old');
    engine.stop();
    await ended;
  });

  test.each([
    ['undecodable', { decode: () => fail('record-undecodable') }],
    ['undecodable later', { decode: () => Promise.resolve().then(() => fail('record-undecodable')) }],
    ['unencodable', { encode: () => fail('model-run-failed') }],
  ])('does not wait for a record that was given up: %s', async (_, more) => {
    const { engine, ended } = start(generation('old', more));
    const record = queued({ data: '' });
    queue.put(record);
    await runUntil('old', () => answerOf(record) !== undefined);
    await engine.exchange(generation('new'));
    engine.stop();
    await ended;
  });

  test('does not wait for a request that has gone, or that could not be read', async () => {
    const { engine, ended } = start(
      generation('old', { requests: { decode: () => fail('input-mismatch'), name: () => '' } }),
    );
    await expect(engine.requests?.ask('odd', inputs, Infinity).answer).rejects.toThrow('input-mismatch');
    await engine.exchange(generation('next'));
    const gone = engine.requests?.ask('gone', inputs, Infinity);
    await until(() => isRunning('next'));
    gone?.hangUp();
    const drained = engine.exchange(generation('new'));
    await runUntil('next', () => true);
    await drained;
    engine.stop();
    await ended;
  });

  test('lets a batch of the old generation go that waited for more records', async () => {
    const { engine, ended } = start(generation('old', { batchTimeoutMs: 1_000_000 }));
    const record = queued({ data: '' });
    queue.put(record);
    await until(() => record.data === undefined);
    let isDrained = false;
    void engine.exchange(generation('new')).then(() => (isDrained = true));
    await runUntil('old', () => isDrained);
    expect(answerOf(record)).toBe('old encoded by old');
    engine.stop();
    await ended;
  });

  test('notes the records of both generations as being in a model', async () => {
    const { engine, ended } = start(generation('old', { requests: undefined }));
    const [first, second] = [queued({ data: '' }), queued({ data: '' })];
    queue.put(first);
    await until(() => isRunning('old'));
    const drained = engine.exchange(generation('new', { requests: undefined }));
    queue.put(second);
    await until(() => isRunning('new'));
    expect(notes.at(-1)).toEqual([first.id, second.id]);
    for (const name of ['old', 'new']) for (const end of pending.get(name) ?? []) end();
    await drained;
    engine.stop();
    await ended;
  });

  test('of settings alone keeps what was found out about the batches of the model', async () => {
    const old = generation('old');
    const trust = createBatchTrust(old.model.sharing);
    const { engine, ended } = start({ ...old, trust });
    trust.lose('the test says so');
    await engine.exchange({ ...old, trust, batchSize: 2 });
    expect(engine.sharing).toMatchObject({ shared: false, reason: 'the test says so' });
    engine.stop();
    await ended;
  });

  test('while the engine stops loses nothing', async () => {
    const { engine, ended } = start(generation('old'));
    const record = queued({ data: '' });
    queue.put(record);
    await until(() => isRunning('old'));
    engine.stop();
    const drained = engine.exchange(generation('new'));
    await runUntil('old', () => answerOf(record) !== undefined);
    await Promise.all([drained, ended]);
  });
});

function fail(code: ConstructorParameters<typeof ServingError>[0]): never {
  throw new ServingError(code, code);
}
