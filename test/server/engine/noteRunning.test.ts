import { expect, test } from 'vitest';
import { createEngine } from '../../../server/src/engine/engine.ts';
import { createStatistics } from '../../../server/src/engine/statistics.ts';
import type { Model } from '../../../server/src/model/model.ts';
import type { FittedRecord } from '../../../server/src/tensor/fit.ts';
import { queued } from '../../support/memoryQueue.ts';
import type { Answer, QueuedRecord, RecordQueue } from '../../../server/src/queue/recordQueue.ts';

const aRecord = (id: string, more: Partial<QueuedRecord> = {}) => queued({ id, uri: id, data: 'd', ...more });

/** Serves takes as they are given, in an engine whose model answers each row with itself.
 *  @returns what happened, in order */
async function serve(takes: readonly (readonly QueuedRecord[])[], maxDeliveries = 3) {
  const events: string[] = [];
  const answers: Answer[] = [];
  const left = [...takes];
  const queue: RecordQueue = {
    open: () => Promise.resolve(),
    take: () => {
      const next = left.shift();
      if (!next) engine.stop();
      return Promise.resolve([...(next ?? [])]);
    },
    wake: () => Promise.resolve(),
    finish: (given) => {
      answers.push(...given);
      events.push(`finish ${given.map(({ record }) => record.id).join(' ')}`);
      return Promise.resolve();
    },
    noteRunning: (records) => {
      events.push(`note ${records.map(({ id }) => id).join(' ')}`);
      return Promise.resolve();
    },
    keepAlive: () => Promise.resolve(),
    trim: () => Promise.resolve(),
    now: () => 0,
    close: () => Promise.resolve(),
  };
  const model: Model = {
    inputs: [{ name: 'x', type: 'float32', shape: [null, 1] }],
    outputs: [{ name: 'y', type: 'float32', shape: [null, 1] }],
    labels: new Map(),
    sharing: { shared: true, reason: 'rows come back as they are', proof: 'word' },
    slots: 1,
    run: ([feed]) => {
      events.push(`run ${String(feed?.shape[0])}`);
      return Promise.resolve([
        { name: 'y', type: 'float32', shape: feed?.shape ?? [], data: feed?.data ?? [] },
      ]);
    },
    close: () => Promise.resolve(),
  };
  const quiet = { info: skip, warn: skip, error: skip, lost: 0, close: skip };
  const engine = createEngine({
    queue,
    model,
    decode: () => ({ rows: 1, strip: false, key: 'k', instances: [row] }),
    encode: () => 'answer',
    batchSize: 8,
    batchTimeoutMs: 0,
    maxDeliveries,
    statistics: createStatistics(0),
    log: quiet,
  });
  await engine.run();
  return { events, answers };
}

const row: FittedRecord = {
  rows: 1,
  strip: false,
  key: 'k',
  parts: [{ type: 'float32', shape: [1, 1], data: new Float32Array(1), isConstant: false }],
};

function skip(): void {
  // Says nothing.
}

test('what the model gets is noted before it gets it', async () => {
  const { events } = await serve([[aRecord('a'), aRecord('b')]]);
  expect(events).toEqual(['note a b', 'run 2', 'finish a b']);
});

test('a suspect is noted and run when nothing else is in flight', async () => {
  const suspect = aRecord('s', { deliveries: 2, deaths: 1, alone: true });
  const { events } = await serve([[aRecord('a'), aRecord('b')], [suspect], [aRecord('c')]]);
  expect(events).toEqual([
    'note a b',
    'run 2',
    'finish a b',
    'note s',
    'run 1',
    'finish s',
    'note c',
    'run 1',
    'finish c',
  ]);
});

test('a record that met maxDeliveries deaths is given up and never reaches the model', async () => {
  const { events, answers } = await serve([[aRecord('p', { deliveries: 4, deaths: 3, alone: true })]]);
  expect(events).toEqual(['finish p']);
  expect(answers).toMatchObject([
    { value: 'NaN', reason: expect.stringContaining('delivery-limit') as string },
  ]);
});

test('however often it was delivered, a record that met fewer deaths is answered', async () => {
  const { answers } = await serve([[aRecord('i', { deliveries: 100, deaths: 2, alone: true })]]);
  expect(answers).toMatchObject([{ value: 'answer' }]);
});
