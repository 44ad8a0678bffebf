import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import {
  createDecoder,
  createInputsDecoder,
  type CheckedInputs,
} from '../../../../server/src/engine/records/decodeRecord.ts';
import { createEncoder, createNamer } from '../../../../server/src/engine/records/encodeOutputs.ts';
import { createEngine, type Engine } from '../../../../server/src/engine/engine.ts';
import type { AskedRequest, Requests } from '../../../../server/src/engine/flow/requests.ts';
import { createStatistics, type Statistics } from '../../../../server/src/engine/statistics.ts';
import type { ModelTensor } from '../../../../server/src/model/model.ts';
import type { QueuedRecord } from '../../../../server/src/queue/recordQueue.ts';
import { dense, record } from '../../../support/ask.ts';
import { createHandClock, type HandClock } from '../../../support/handClock.ts';
import { createMemoryQueue, queued, type MemoryQueue } from '../../../support/memoryQueue.ts';

const inputs = [{ name: 'x', type: 'float32', shape: [null, null] }];
const outputs = [{ name: 'y', type: 'float32', shape: [null, null] }];

let queue: MemoryQueue;
let clock: HandClock;
let statistics: Statistics;
/** The first number of each row, run by run. */
let runs: number[][];
/** Runs that wait for their answer. */
let pending: (() => void)[];
let isHeld: boolean;
let notes: (readonly [ids: readonly string[], amongOthers: boolean | undefined])[];

beforeEach(() => {
  clock = createHandClock();
  statistics = createStatistics(0);
  runs = [];
  pending = [];
  isHeld = false;
  notes = [];
  queue = createMemoryQueue();
  queue.noteRunning = (records, amongOthers) => {
    notes.push([records.map(({ id }) => id), amongOthers]);
    return Promise.resolve();
  };
});

interface Started {
  readonly engine: Engine;
  readonly requests: Requests;
  readonly ended: Promise<void>;
}

/** An engine whose model doubles numbers; 13 is more than it can bear. */
function start({ batchSize = 4, shared = true } = {}): Started {
  const sharing = { shared, reason: 'the test says so', proof: 'word' } as const;
  const fit = { inputs, batched: shared, inputAlreadyBatched: false, imageResize: undefined };
  const engine = createEngine({
    queue,
    model: {
      inputs,
      outputs,
      labels: new Map(),
      sharing,
      slots: 1,
      async run([x]) {
        const { shape, data } = x as ModelTensor & { readonly data: Float32Array };
        const length = data.length / (shape[0] ?? 1);
        runs.push(Array.from({ length: shape[0] ?? 0 }, (_, i) => data[i * length] ?? NaN));
        if (isHeld) await new Promise<void>((resolve) => pending.push(resolve));
        if (data.includes(13)) throw new ServingError('model-run-failed', 'no 13');
        return [{ name: 'y', type: 'float32', shape, data: data.map((value) => 2 * value) }];
      },
      close: () => Promise.resolve(),
    },
    decode: createDecoder(fit),
    encode: createEncoder(undefined, outputs),
    requests: { decode: createInputsDecoder(fit), name: createNamer(undefined, outputs) },
    batchSize,
    batchTimeoutMs: 0,
    maxDeliveries: 3,
    statistics,
    clock,
    log: { info: skip, warn: skip, error: skip, lost: 0, close: skip },
  });
  const ended = engine.run();
  ended.catch(() => undefined);
  return { engine, requests: engine.requests as Requests, ended };
}

const skip = () => undefined;
const checked = (values: readonly number[]): CheckedInputs => ({
  share: undefined,
  tensors: new Map([['x', { type: 'float32', shape: [values.length], data: Float32Array.from(values) }]]),
  inputs: new Map(),
});
const ask = ({ requests }: Started, value: number, deadline = 60_000): AskedRequest =>
  requests.ask(`request-${value}`, checked([value]), deadline);
const row = (value: number, more: Partial<QueuedRecord> = {}): QueuedRecord =>
  queued({ data: record({ x: dense([1], [value]) }), ...more });

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 10_000) throw new Error('it never happened');
    await setImmediate();
  }
}
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}
function letGo(): void {
  isHeld = false;
  for (const go of pending.splice(0)) go();
}

describe('a request', () => {
  test('gets its own rows of a run, under the names of the outputs, and is counted by its way', async () => {
    const started = start();
    const asked = [1, 2, 3].map((value) => ask(started, value));
    expect(await Promise.all(asked.map(({ answer }) => answer))).toEqual(
      [2, 4, 6].map((value) => [{ name: 'y', type: 'float32', shape: [1], data: Float32Array.of(value) }]),
    );
    expect(runs).toEqual([[1, 2, 3]]);
    expect(statistics.report(1_000)).toMatchObject({ processed: 3, failed: 0, overHttp: 3 });
    expect(queue.answers).toEqual([]);
  });

  test('shares a run with records of the queue', async () => {
    const started = start();
    isHeld = true;
    const first = ask(started, 1);
    await until(() => pending.length === 1);
    const one = row(2);
    queue.put(one);
    const second = ask(started, 3);
    await settle();
    letGo();
    expect(await second.answer).toMatchObject([{ data: Float32Array.of(6) }]);
    await first.answer;
    await until(() => queue.answers.length === 1);
    expect(runs[1]?.toSorted()).toEqual([2, 3]);
    expect(statistics.report(1_000)).toMatchObject({ processed: 3, overHttp: 2 });
  });

  test('that the model fails on is answered with the reason, and the others with their rows', async () => {
    const started = start();
    const asked = [1, 13, 3].map((value) => ask(started, value).answer);
    const [first, second, third] = await Promise.allSettled(asked);
    expect(second).toMatchObject({ reason: { code: 'model-run-failed', message: 'no 13' } });
    expect([first, third]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
    expect(statistics.report(1_000)).toMatchObject({ processed: 3, failed: 1, overHttp: 3 });
  });

  test('that does not fit the model is refused with the reason', async () => {
    const started = start();
    const tensors = new Map([['x', { type: 'string', shape: [1], data: ['a'] } as const]]);
    const { answer } = started.requests.ask('odd', { ...checked([1]), tensors }, 60_000);
    await expect(answer).rejects.toMatchObject({ code: 'input-mismatch' });
    expect(started.requests.inFlight).toBe(0);
  });

  test('ends at its deadline although the model has it, and costs no run once it is over', async () => {
    const started = start({ batchSize: 1 });
    isHeld = true;
    const running = ask(started, 1, clock.steadyMs() + 500);
    const waiting = ask(started, 2, clock.steadyMs() + 500);
    await until(() => pending.length === 1);
    clock.advance(600);
    expect(await Promise.all([running.answer, waiting.answer])).toEqual([undefined, undefined]);
    letGo();
    const later = ask(started, 3);
    expect(await later.answer).toMatchObject([{ data: Float32Array.of(6) }]);
    expect(runs).toEqual([[1], [3]]);
    expect(statistics.report(1_000)).toMatchObject({ processed: 1, expired: 2, overHttp: 1 });
  });

  test('whose client has gone is left out', async () => {
    const started = start({ batchSize: 1 });
    isHeld = true;
    const running = ask(started, 1);
    await until(() => pending.length === 1);
    const gone = ask(started, 2);
    gone.hangUp();
    expect(await gone.answer).toBeUndefined();
    letGo();
    await running.answer;
    await ask(started, 3).answer;
    expect(runs).toEqual([[1], [3]]);
  });
});

describe('under load on both ways', () => {
  test.each([1, 4])('neither waits behind all that the other brought (batches of %d)', async (batchSize) => {
    const started = start({ batchSize });
    isHeld = true;
    const first = ask(started, 0);
    await until(() => pending.length === 1);
    queue.put(...Array.from({ length: 200 }, () => row(1)));
    await settle();
    const asked = Array.from({ length: 20 }, () => ask(started, 2).answer);
    await settle();
    letGo();
    await Promise.all([first.answer, ...asked]);
    // The first one counts too.
    const before = runs.flat().slice(0, 42);
    expect(before.filter((value) => value === 2)).toHaveLength(20);
    await until(() => queue.answers.length === 200);
  });

  test('the queue gets its half of a model that HTTP alone could fill', async () => {
    const started = start({ batchSize: 2 });
    isHeld = true;
    const asked = [ask(started, 0).answer];
    await until(() => pending.length === 1);
    asked.push(...Array.from({ length: 200 }, () => ask(started, 2).answer));
    queue.put(row(1), row(1), row(1));
    await settle();
    letGo();
    await until(() => queue.answers.length === 3);
    expect(runs.flat().slice(1, 7)).toEqual(expect.arrayContaining([1, 1, 1]));
    await Promise.all(asked);
  });

  test('requests wait while a suspect record runs alone, which is noted as alone', async () => {
    const started = start();
    isHeld = true;
    const suspect = row(5, { alone: true, deliveries: 2, deaths: 1 });
    queue.put(suspect);
    await until(() => pending.length === 1);
    const asked = ask(started, 1);
    await settle();
    expect(runs).toEqual([[5]]);
    letGo();
    expect(await asked.answer).toMatchObject([{ data: Float32Array.of(2) }]);
    expect(notes[0]).toEqual([[suspect.id], false]);
    queue.put(row(6));
    await until(() => queue.answers.length === 2);
    expect(notes[1]?.[1]).toBe(true);
  });
});

describe('the end', () => {
  test('a stop answers what is in flight, and what still comes until no more can come', async () => {
    const started = start();
    let close: () => void = skip;
    started.engine.stop();
    const ended = started.engine.run(
      new Promise<void>((resolve) => {
        close = resolve;
      }),
    );
    const asked = ask(started, 1);
    expect(await asked.answer).toMatchObject([{ data: Float32Array.of(2) }]);
    close();
    await ended;
  });

  test('a model that dies takes its requests with it, and leaves the records to another worker', async () => {
    const started = start();
    isHeld = true;
    const asked = ask(started, 1);
    await until(() => pending.length === 1);
    queue.put(row(2));
    await settle();
    const died = new ServingError('model-load-failed', 'its thread ended');
    started.engine.abort(died);
    await expect(asked.answer).rejects.toBe(died);
    await expect(started.ended).rejects.toBe(died);
    letGo();
    await settle();
    expect(queue.answers).toEqual([]);
    expect(runs).toEqual([[1]]);
  });
});
