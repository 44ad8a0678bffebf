import { wholeOf } from '../../../server/src/queue/payload.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { unanswerable } from '../../../schemas/redis/redisKeys.ts';
import { contentOf } from '../../../server/src/ask/content.ts';
import { prepare } from '../../../server/src/ask/prepare.ts';
import type { Prediction } from '../../../server/src/ask/prediction.ts';
import { decodeArrow } from '../../../server/src/codec/decodeArrow.ts';
import {
  decodeTypedRecord,
  encodeTypedFailure,
  encodeTypedResult,
} from '../../../server/src/codec/typedForm.ts';
import { encodeResult } from '../../../server/src/codec/encodeResult.ts';
import { parseInstances } from '../../../server/src/codec/instances.ts';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';
import {
  createPredictor,
  type Asked,
  type Predictor,
  type Waiting,
} from '../../../server/src/http/predict/predictor.ts';
import type { Payload } from '../../../server/src/queue/payload.ts';
import type { ResultWaiter } from '../../../server/src/queue/resultWaiter.ts';
import type { AwaitedRecord, Submission } from '../../../server/src/queue/submitter.ts';

/** Redis as the predictor sees it, with everything in the test's hand. */
let collected: Waiting[];
let recordsOf: (items: readonly Waiting[]) => readonly Submission[];
let waits: Map<string, (value: Payload | undefined) => void>;
let reasons: Map<string, string>;
let typed: boolean;
let withdrawn: string[];
let answered: number;
let predictor: Predictor;

beforeEach(async () => {
  collected = [];
  waits = new Map();
  reasons = new Map();
  typed = false;
  withdrawn = [];
  answered = 0;
  const end = (uri: string, value: Payload | undefined) => {
    waits.get(uri)?.(value);
    waits.delete(uri);
  };
  const waiter: ResultWaiter = {
    get waiting() {
      return waits.size;
    },
    wait: (uri) => new Promise((resolve) => waits.set(uri, resolve)),
    fail: () => undefined,
    abandon: (uri) => end(uri, undefined),
    close: () => Promise.resolve(),
  };
  predictor = createPredictor({
    waiter,
    createSubmitter: (make) => {
      recordsOf = make;
      return {
        add: (item) => void collected.push(item),
        withdraw: (ids) => Promise.resolve(void withdrawn.push(...ids)),
      };
    },
    maxRows: () => 4,
    model: () => ({ inputs: facts.inputs, typed }),
    reasonOf: (uri) => Promise.resolve(reasons.get(uri)),
    onAnswered: (questions) => {
      answered += questions;
    },
  });
  // Nothing is shared until the size of a result is known.
  const first = ask('http-0', [0.5, 0]);
  write().forEach(answer);
  await first.prediction;
  answered = 0;
});

const facts = {
  inputs: [{ name: 'x', type: 'float32', shape: [null, 2] }],
  outputs: [],
  batched: true,
  rowsPerRecord: 4,
};

function ask(uri: string, x: unknown, deadline = 1_000, traceparent?: string): Asked {
  const [inputs = new Map()] = parseInstances({ instances: [{ x }] });
  const prepared = prepare('instances[0]', inputs, facts);
  const isTyped = typed;
  return predictor.ask({
    uri,
    content: () => contentOf(prepared, isTyped),
    deadline,
    traceparent,
    share: prepared.share,
  });
}

/** Puts in what was collected, as one write. @returns its records */
function write(): readonly AwaitedRecord[] {
  const submissions = recordsOf(collected.splice(0));
  submissions.forEach(({ record, onPut }) => onPut(`id of ${record.uri}`));
  return submissions.map(({ record }) => record);
}

/** The rows that a record holds. */
function rowsOf(record: AwaitedRecord): number[][] {
  const data = wholeOf(record.data);
  const inputs = typeof data === 'string' ? decodeArrow(data) : decodeTypedRecord(data);
  const values = [...((inputs.get('x') as Tensor).data as Float32Array)];
  return Array.from({ length: values.length / 2 }, (_, i) => values.slice(2 * i, 2 * i + 2));
}

/** Answers a record by the sums of its rows. */
function answer(record: AwaitedRecord): void {
  const sums = rowsOf(record).map(([a = 0, b = 0]) => a + b);
  const shape = record.sharedBy === undefined ? [1] : [sums.length, 1];
  const outputs: Tensor[] = [{ type: 'float32', shape, data: Float32Array.from(sums) }];
  waits.get(record.uri)?.(record.wantsTyped ? encodeTypedResult(outputs, ['y']) : encodeResult(outputs));
}

const numbers = (prediction: Prediction | undefined) =>
  typeof prediction === 'object' ? Array.from<unknown>(prediction[0]?.data ?? []) : prediction;
const all = async (asked: readonly Asked[]) =>
  (await Promise.all(asked.map((one) => one.prediction))).map(numbers);

test('requests that come together share a record, and each gets its own', async () => {
  const asked = [ask('http-1', [1.5, 2]), ask('http-2', [3.5, 4]), ask('http-3', [5.5, 6])];
  const [record, ...others] = write() as [AwaitedRecord];
  expect(others).toEqual([]);
  expect(record).toMatchObject({ uri: 'http-1+2', sharedBy: 3 });
  answer(record);
  expect(await all(asked)).toEqual([[3.5], [7.5], [11.5]]);
  expect(answered).toBe(3);
});

test('results that are too large for their announcement are not shared, until they are small again', async () => {
  const large = ask('http-1', [1.5, 2]);
  const [alone] = write() as [AwaitedRecord];
  waits.get(alone.uri)?.(
    encodeResult([{ type: 'float32', shape: [20_000], data: new Float32Array(20_000) }]),
  );
  await large.prediction;
  const asked = [ask('http-2', [1.5, 2]), ask('http-3', [3.5, 4])];
  const records = write();
  expect(records.map(({ uri }) => uri)).toEqual(['http-2', 'http-3']);
  records.forEach(answer);
  expect(await all(asked)).toEqual([[3.5], [7.5]]);
  ask('http-4', [1.5, 2]);
  ask('http-5', [3.5, 4]);
  expect(write().map(({ uri }) => uri)).toEqual(['http-4+1']);
});

test('one that comes alone goes as it came', async () => {
  const asked = [ask('http-1', [1.5, 2])];
  const [record] = write() as [AwaitedRecord];
  expect([record.uri, rowsOf(record)]).toEqual(['http-1', [[1.5, 2]]]);
  expect(record.sharedBy).toBeUndefined();
  answer(record);
  expect(await all(asked)).toEqual([[3.5]]);
});

test('a record holds no more rows than one run takes, and none whose deadlines lie apart', () => {
  for (let i = 0; i < 6; i++) ask(`http-${i}`, [i + 0.5, i]);
  ask('http-soon', [1.5, 1], 500);
  expect(write().map(({ uri, sharedBy }) => [uri, sharedBy])).toEqual([
    ['http-0+3', 4],
    ['http-4+1', 2],
    ['http-soon', undefined],
  ]);
});

test('where a shared record is not answered each is asked for by itself, and only what is wrong gets NaN', async () => {
  const asked = [ask('http-1', [1.5, 2]), ask('http-2', [666.5, 0]), ask('http-3', [5.5, 6])];
  const [shared] = write() as [AwaitedRecord];
  waits.get(shared.uri)?.(unanswerable);
  await Promise.resolve();
  const alone = write();
  expect(alone.map(({ uri }) => uri)).toEqual(['http-1', 'http-2', 'http-3']);
  for (const record of alone)
    if (record.uri === 'http-2') waits.get(record.uri)?.(unanswerable);
    else answer(record);
  expect(await all(asked)).toEqual([[3.5], unanswerable, [11.5]]);
});

test('a result that has not a row for each is no answer', async () => {
  const asked = [ask('http-1', [1.5, 2]), ask('http-2', [3.5, 4])];
  const [shared] = write() as [AwaitedRecord];
  waits.get(shared.uri)?.(encodeResult([{ type: 'float32', shape: [1], data: Float32Array.of(7) }]));
  await Promise.resolve();
  write().forEach(answer);
  expect(await all(asked)).toEqual([[3.5], [7.5]]);
});

test('a record is taken back when all who share it have hung up, not before', async () => {
  const asked = [ask('http-1', [1.5, 2]), ask('http-2', [3.5, 4])];
  const [record] = write() as [AwaitedRecord];
  asked[0]?.hangUp();
  await asked[0]?.prediction;
  expect([withdrawn, waits.has(record.uri)]).toEqual([[], true]);
  asked[1]?.hangUp();
  expect(await all(asked)).toEqual([undefined, undefined]);
  expect(withdrawn).toEqual([`id of ${record.uri}`]);
});

test('who hangs up before anything was written asks for nothing', async () => {
  const asked = [ask('http-1', [1.5, 2]), ask('http-2', [3.5, 4])];
  asked[0]?.hangUp();
  expect(write().map(({ uri }) => uri)).toEqual(['http-2']);
  expect(await asked[0]?.prediction).toBeUndefined();
});

test('at the deadline there is no answer, and the record is taken back', async () => {
  const asked = [ask('http-1', [1.5, 2]), ask('http-2', [3.5, 4])];
  const [record] = write() as [AwaitedRecord];
  waits.get(record.uri)?.(undefined);
  expect(await all(asked)).toEqual([undefined, undefined]);
  expect(withdrawn).toEqual([`id of ${record.uri}`]);
});

test('a record that is given up before its write has ended is taken back after it', async () => {
  const asked = ask('http-1', [1.5, 2]);
  const [submission] = recordsOf(collected.splice(0)) as [Submission];
  asked.hangUp();
  await asked.prediction;
  await Promise.resolve();
  submission.onPut('7-0');
  expect(withdrawn).toEqual(['7-0']);
});

describe('in the typed form', () => {
  beforeEach(() => {
    typed = true;
  });

  test('a shared record and its result are typed, and each gets its own rows', async () => {
    const asked = [ask('http-1', [0.1, 2]), ask('http-2', [3.5, 4])];
    const [record] = write() as [AwaitedRecord];
    expect(record).toMatchObject({ uri: 'http-1+1', sharedBy: 2, serde: 'typed', wantsTyped: true });
    answer(record);
    expect(await all(asked)).toEqual([[Math.fround(Math.fround(0.1) + 2)], [7.5]]);
  });

  test('integers of 64 bits and their names come to each as they were answered', async () => {
    const asked = [ask('http-1', [1, 2]), ask('http-2', [3, 4])];
    const [record] = write() as [AwaitedRecord];
    const outputs: Tensor[] = [
      { type: 'int64', shape: [2, 1, 1], data: BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)) },
      { type: 'string', shape: [2], data: ['cat', 'dog'] },
    ];
    waits.get(record.uri)?.(encodeTypedResult(outputs, ['n', 'label']));
    expect(await Promise.all(asked.map(({ prediction }) => prediction))).toMatchObject([
      [
        { type: 'int64', shape: [1, 1], data: BigInt64Array.of(2n ** 63n - 1n) },
        { type: 'string', shape: [], data: ['cat'] },
      ],
      [
        { type: 'int64', shape: [1, 1], data: BigInt64Array.of(-(2n ** 63n)) },
        { type: 'string', shape: [], data: ['dog'] },
      ],
    ]);
  });

  test('where a shared record fails each is asked for by itself, and the reason comes to who is to blame', async () => {
    const asked = [ask('http-1', [1.5, 2]), ask('http-2', [666.5, 0])];
    const [shared] = write() as [AwaitedRecord];
    waits.get(shared.uri)?.(encodeTypedFailure('model-run-failed', 'one of them'));
    await Promise.resolve();
    const alone = write();
    expect(alone.map(({ uri }) => uri)).toEqual(['http-1', 'http-2']);
    for (const record of alone)
      if (record.uri === 'http-2')
        waits.get(record.uri)?.(encodeTypedFailure('input-mismatch', 'Input "x" is out of range.'));
      else answer(record);
    expect(numbers(await asked[0]?.prediction)).toEqual([3.5]);
    await expect(asked[1]?.prediction).rejects.toMatchObject({
      code: 'input-mismatch',
      message: 'Input "x" is out of range.',
    });
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['is cut', (bytes) => bytes.subarray(0, -8)],
    ['is cut within its header', (bytes) => bytes.subarray(0, 9)],
    ['has bytes changed in its header', (bytes) => Buffer.from(bytes).fill(0, 4, 12)],
  ])('a result that %s rejects and is never taken for an answer', async (_, damage) => {
    const { prediction } = ask('http-1', [1.5, 2]);
    const [record] = write() as [AwaitedRecord];
    const whole = encodeTypedResult([{ type: 'float32', shape: [1], data: Float32Array.of(1) }], ['y']);
    waits.get(record.uri)?.(damage(whole));
    await expect(prediction).rejects.toMatchObject({ code: 'record-undecodable' });
  });
});

describe('a record that could not be answered', () => {
  test('rejects with the reason of its dead letter', async () => {
    const { prediction } = ask('http-1', [1.5, 2]);
    write();
    reasons.set('http-1', 'model-run-failed: The model says: no\nand more: of it');
    waits.get('http-1')?.(unanswerable);
    await expect(prediction).rejects.toMatchObject({
      code: 'model-run-failed',
      message: 'The model says: no\nand more: of it',
    });
  });

  test('rejects with a reason of words that no error code begins', async () => {
    const { prediction } = ask('http-1', [1.5, 2]);
    write();
    reasons.set('http-1', 'constructor: of another program');
    waits.get('http-1')?.(unanswerable);
    await expect(prediction).rejects.toMatchObject({
      code: 'model-run-failed',
      message: 'constructor: of another program',
    });
  });

  test('stays NaN where no dead letter has its reason', async () => {
    const { prediction } = ask('http-1', [1.5, 2]);
    write();
    waits.get('http-1')?.(unanswerable);
    expect(await prediction).toBe(unanswerable);
  });
});

test('requests that share a record keep their own traces', () => {
  ask('http-1', [1, 2], 1_000, 'trace-1');
  ask('http-2', [3, 4]);
  ask('http-3', [5, 6], 1_000, 'trace-3');
  expect(write().map(({ sharedBy, traceparent }) => [sharedBy, traceparent])).toEqual([
    [3, 'trace-1,trace-3'],
  ]);
  ask('http-4', [1, 2]);
  ask('http-5', [1, 2]);
  expect(write().map(({ traceparent }) => traceparent)).toEqual([undefined]);
});
