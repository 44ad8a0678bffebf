import { describe, expect, test } from 'vitest';
import type { JobReport } from '../../../schemas/jobEvents.ts';
import { askRecords } from '../../../server/src/ask/askRecords.ts';
import type { Question } from '../../../server/src/ask/questions.ts';
import { encodeResult } from '../../../server/src/codec/encodeResult.ts';
import type { Payload } from '../../../server/src/queue/payload.ts';
import type { NewRecord } from '../../../server/src/queue/recordClient.ts';
import type { Store } from '../../../server/src/queue/store.ts';
import { aJob } from '../../client/aJob.ts';
import { createMemoryRegistry } from '../../support/memoryRegistry.ts';

const answer = encodeResult([{ type: 'float32', shape: [2], data: Float32Array.of(1, -0) }]);

interface World {
  readonly job?: JobReport | undefined;
  readonly hasForeignConsumer?: boolean;
  /** By the name of the record: what a worker writes, and why it gave one up. */
  readonly results?: Readonly<Record<string, Payload>>;
  readonly reasons?: Readonly<Record<string, string>>;
}

/** A store whose worker has its answers ready. */
function createStore({ job = aJob(), hasForeignConsumer = false, results = {}, reasons = {} }: World = {}) {
  const put: NewRecord[] = [];
  const takenBack: string[] = [];
  const reads: string[] = [];
  const store: Pick<Store, 'registry' | 'queues' | 'records' | 'secrets'> = {
    registry: {
      ...createMemoryRegistry(),
      readModel: () => Promise.resolve(job.workers[0]?.heartbeat),
      readJobReports: () => Promise.resolve([job]),
    },
    queues: { hasForeignConsumer: () => Promise.resolve(hasForeignConsumer) } as unknown as Store['queues'],
    records: {
      putRecords: (_, records) => Promise.resolve(records.map((record) => `${put.push(record)}-0`)),
      takeBackRecords: (_, ids) => Promise.resolve(takenBack.push(...ids)),
      takeResults: (_, uris) =>
        Promise.resolve(
          new Map(uris.flatMap((uri) => (Object.hasOwn(results, uri) ? [[uri, results[uri] ?? '']] : []))),
        ),
      readReason: () => Promise.resolve(undefined),
      readReasons: () => {
        reads.push('reasons');
        return Promise.resolve(new Map(Object.entries(reasons)));
      },
    },
    secrets: {} as Store['secrets'],
  };
  return { store, put, takenBack, reads };
}

const question = (uri: string, length = 64): Question => ({
  name: `${uri}.json`,
  uri,
  inputs: new Map([
    ['image', { kind: 'dense', type: 'float32', shape: [1, 8, length / 8], data: new Float32Array(length) }],
  ]),
});
const ask = (world: ReturnType<typeof createStore>, questions: readonly Question[]) =>
  askRecords({ store: world.store, jobName: 'digits' }, questions, { timeoutMs: 1_000, isGone: () => false });

describe('records that are asked', () => {
  test('get their answers in the order of the questions', async () => {
    const world = createStore({ results: { b: answer, a: answer, c: answer } });
    const { answers, summary } = await ask(
      world,
      ['c', 'a', 'b'].map((uri) => question(uri)),
    );
    expect(answers.map(({ question: { uri }, outcome }) => [uri, 'prediction' in outcome])).toEqual([
      ['c', true],
      ['a', true],
      ['b', true],
    ]);
    expect(summary).toMatchObject({ records: 3, failed: 0 });
    expect([world.takenBack, world.reads]).toEqual([[], []]);
  });

  test('that do not fit the model are not sent, and the others are', async () => {
    const world = createStore({ results: { a: answer } });
    const { answers, summary } = await ask(world, [question('bad', 16), question('a')]);
    expect(world.put.map(({ uri }) => uri)).toEqual(['a']);
    expect(answers[0]?.outcome).toMatchObject({ error: 'input-mismatch' });
    expect(answers[1]?.outcome).toHaveProperty('prediction');
    expect(summary).toMatchObject({ records: 2, failed: 1 });
  });

  test('that are not answered in time are taken back, each by its own id', async () => {
    const world = createStore({ results: { b: answer } });
    const { answers } = await ask(
      world,
      ['a', 'b', 'c'].map((uri) => question(uri)),
    );
    expect(world.takenBack).toEqual(['1-0', '3-0']);
    expect(answers.map(({ outcome }) => 'error' in outcome)).toEqual([true, false, true]);
  });

  test('that a worker gave up have the reason of their dead letter, and none without one', async () => {
    const world = createStore({
      results: { a: 'NaN', b: 'NaN', c: answer },
      reasons: { a: 'model-run-failed: the model failed', other: 'x' },
    });
    const { answers } = await ask(
      world,
      ['a', 'b', 'c'].map((uri) => question(uri)),
    );
    expect(answers[0]?.outcome).toMatchObject({ error: 'model-run-failed' });
    expect(answers[1]?.outcome).toEqual({ error: 'NaN' });
    expect(answers[2]?.outcome).toHaveProperty('prediction');
  });

  test.each(['__proto__', 'constructor', '', '\0', '猫'])('may be called %j', async (uri) => {
    const world = createStore({ results: Object.fromEntries([[uri, answer]]) });
    const { answers } = await ask(world, [question(uri)]);
    expect(answers[0]?.outcome).toHaveProperty('prediction');
  });

  test('may be none', async () => {
    const { answers, summary } = await ask(createStore(), []);
    expect([answers, summary.records, summary.failed]).toEqual([[], 0, 0]);
  });

  test('whose answer cannot be read say so, and keep the others', async () => {
    const world = createStore({ results: { a: 'no answer at all', b: answer } });
    const { answers } = await ask(world, [question('a'), question('b')]);
    expect(answers[0]?.outcome).toHaveProperty('error');
    expect(answers[1]?.outcome).toHaveProperty('prediction');
  });
});

describe('nothing is sent', () => {
  const [worker] = aJob().workers;
  const silent = worker ? [{ registration: worker.registration }] : [];

  test.each<[string, JobReport]>([
    ['to a job without workers', aJob({ workers: [] })],
    ['to a job whose workers are silent', aJob({ workers: silent, state: 'failed' })],
    ['to another job', aJob({ jobName: 'other' })],
  ])('%s', async (_, job) => {
    const world = createStore({ job });
    await expect(ask(world, [question('a')])).rejects.toMatchObject({ code: 'job-failed' });
    expect(world.put).toEqual([]);
  });

  test('to a job that waits for its secret, and it is said what it needs', async () => {
    const needs = { code: 'model-secret-missing', message: 'Put the secret.' } as const;
    const world = createStore({ job: aJob({ workers: silent, state: 'waiting-for-secret', needs }) });
    await expect(ask(world, [question('a')])).rejects.toMatchObject({
      code: 'model-secret-missing',
      message: 'Nothing was sent. Put the secret.',
    });
    expect(world.put).toEqual([]);
  });
});

test('workers that do not register, such as those of the original, are asked without a look at the model', async () => {
  const job = aJob({ workers: [] });
  const world = createStore({ job, hasForeignConsumer: true, results: { a: answer } });
  const { answers } = await ask(world, [question('a', 16)]);
  expect(answers[0]?.outcome).toHaveProperty('prediction');
  expect(world.put).toHaveLength(1);
});
