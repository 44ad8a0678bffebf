import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { createEngine, type Engine } from '../../../server/src/engine/engine.ts';
import { createShadow, type Shadow } from '../../../server/src/engine/flow/shadow.ts';
import type { Generation } from '../../../server/src/engine/flow/generation.ts';
import { createStatistics } from '../../../server/src/engine/statistics.ts';
import type { ModelTensor } from '../../../server/src/model/model.ts';
import type { QueuedRecord } from '../../../server/src/queue/recordQueue.ts';
import { isInShare } from '../../../schemas/rolloutShare.ts';
import { generation, isRunning, pending, row, runUntil, until } from '../../support/generations.ts';
import { createHandClock } from '../../support/handClock.ts';
import { createMemoryQueue, queued, type MemoryQueue } from '../../support/memoryQueue.ts';

// A second generation beside the one that is served.

const skip = () => undefined;
const log = { info: skip, warn: skip, error: skip, lost: 0, close: skip };

let queue: MemoryQueue;
/** Which records the models had at each note, and whether something else might be what a worker dies of. */
let notes: (readonly [ids: readonly string[], amongOthers: boolean | undefined])[];

beforeEach(() => {
  queue = createMemoryQueue();
  pending.clear();
  notes = [];
  queue.noteRunning = (records, amongOthers) => {
    notes.push([records.map(({ id }) => id), amongOthers]);
    return Promise.resolve();
  };
});

function start(first: Generation): { readonly engine: Engine; readonly ended: Promise<void> } {
  const clock = createHandClock();
  const engine = createEngine({ ...first, queue, statistics: createStatistics(0), log, clock });
  const ended = engine.run();
  ended.catch(() => undefined);
  return { engine, ended };
}

/** Answers whatever comes until the condition holds. */
async function runAll(condition: () => boolean): Promise<void> {
  await until(() => {
    for (const ends of pending.values()) for (const end of ends.splice(0)) end();
    return condition();
  });
}

const answerOf = (record: QueuedRecord) => queue.answers.find((answer) => answer.record === record)?.value;
const inputs = { share: undefined, tensors: undefined, inputs: new Map() };
const takesNew = (name: string) => name.startsWith('new');
const named = (uri: string) => queued({ uri, data: '' });

describe('two generations', () => {
  test('answer what is chosen for each, and no batch has records of both', async () => {
    const sizes: number[] = [];
    const counted = (name: string) => {
      const made = generation(name, { requests: undefined, batchSize: 8 });
      const run = (feeds: readonly ModelTensor[]) => {
        sizes.push(feeds[0]?.shape[0] ?? 0);
        return made.model.run(feeds);
      };
      return { ...made, model: { ...made.model, run } };
    };
    const { engine, ended } = start(counted('old'));
    engine.divide({ generation: counted('new'), takes: (name) => isInShare(name, 30) });
    const records = Array.from({ length: 1_000 }, (_, i) => named(`uri-${i}`));
    queue.put(...records);
    await runAll(() => queue.answers.length === records.length);
    for (const record of records) {
      const version = isInShare(record.uri ?? '', 30) ? 'new' : 'old';
      expect(answerOf(record)).toBe(`${version} encoded by ${version}`);
    }
    // Each row of a run is answered by its generation: a mixture would leave rows over.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(records.length);
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    engine.stop();
    await ended;
  });

  test('get records without a name by their ids', async () => {
    const { engine, ended } = start(generation('old'));
    engine.divide({ generation: generation('new'), takes: (name) => name === 'new-0' });
    const record = queued({ id: 'new-0', uri: undefined, data: '' });
    queue.put(record);
    await runAll(() => answerOf(record) !== undefined);
    expect(answerOf(record)).toBe('new encoded by new');
    engine.stop();
    await ended;
  });

  test('answer requests by their names, or by the version that is asked for', async () => {
    const { engine, ended } = start(generation('old', { version: '1' }));
    engine.divide({ generation: generation('new', { version: '2' }), takes: takesNew });
    const ask = async (name: string, version?: string) =>
      engine.requests?.ask('r', inputs, Infinity, { choice: { name, version } }).answer;
    const answers = [ask('new-a'), ask('old-a'), ask('new-b', '1'), ask('old-b', '2')];
    await runAll(() => engine.inFlight === 0);
    const of = (name: string) => `${name} named by ${name}`;
    expect(await Promise.all(answers)).toEqual([of('new'), of('old'), of('old'), of('new')]);
    engine.stop();
    await ended;
  });

  test('fail each for itself: what the second one cannot do harms no record of the first', async () => {
    const { engine, ended } = start(generation('old'));
    const broken = generation('new');
    const run = () => Promise.reject(new ServingError('model-run-failed', 'the test says so'));
    engine.divide({ generation: { ...broken, model: { ...broken.model, run } }, takes: takesNew });
    const [bad, good] = [named('new-1'), named('old-1')];
    queue.put(bad, good);
    await runAll(() => queue.answers.length === 2);
    expect(answerOf(good)).toBe('old encoded by old');
    expect(queue.answers.find(({ record }) => record === bad)?.reason).toContain('model-run-failed');
    expect(engine.counters?.served.report('1')).toMatchObject({ version: '1', answered: 1, failed: 0 });
    expect(engine.counters?.next.report(undefined)).toMatchObject({ answered: 0, failed: 1 });
    engine.stop();
    await ended;
  });

  test('count from the division on, and what cannot be decoded is a failure of its generation', async () => {
    const { engine, ended } = start(generation('old'));
    const early = named('old-0');
    queue.put(early);
    await runAll(() => answerOf(early) !== undefined);
    const decode = () => {
      throw new ServingError('input-mismatch', 'the test says so');
    };
    engine.divide({ generation: generation('new', { decode }), takes: takesNew });
    queue.put(named('new-1'), named('old-1'));
    await runAll(() => queue.answers.length === 3);
    const { served, next } = engine.counters ?? {};
    expect([served?.report('1').answered, next?.report('2').failed]).toEqual([1, 1]);
    engine.stop();
    await ended;
  });

  test('become one by a promotion: what both have is answered by each, and nothing is lost', async () => {
    const { engine, ended } = start(generation('old'));
    const next = generation('new');
    engine.divide({ generation: next, takes: takesNew });
    const early = ['old-1', 'new-1', 'old-2', 'new-2'].map(named);
    queue.put(...early);
    await until(() => isRunning('old') && isRunning('new'));
    const drained = engine.exchange(next);
    const late = ['old-3', 'new-3'].map(named);
    queue.put(...late);
    await runAll(() => queue.answers.length === 6);
    await drained;
    expect(early.map(answerOf).map(String)).toEqual(
      ['old', 'new', 'old', 'new'].map((name) => `${name} encoded by ${name}`),
    );
    expect(late.map(answerOf)).toEqual(Array(2).fill('new encoded by new'));
    expect(engine.counters).toBeUndefined();
    engine.stop();
    await ended;
  });

  test('become one by an abort: the second answers what it has, and only then its model may go', async () => {
    const { engine, ended } = start(generation('old'));
    engine.divide({ generation: generation('new'), takes: takesNew });
    const early = named('new-1');
    queue.put(early);
    await until(() => isRunning('new'));
    let isDrained = false;
    const drained = engine.unite().then(() => (isDrained = true));
    const late = named('new-2');
    queue.put(late);
    await runUntil('old', () => answerOf(late) !== undefined);
    expect([answerOf(late), isDrained]).toEqual(['old encoded by old', false]);
    await runUntil('new', () => isDrained);
    await drained;
    expect(answerOf(early)).toBe('new encoded by new');
    engine.stop();
    await ended;
  });

  test('get another share without another load: the same generation goes on', async () => {
    const { engine, ended } = start(generation('old'));
    const next = generation('new');
    engine.divide({ generation: next, takes: takesNew });
    const early = named('new-1');
    queue.put(early);
    await until(() => isRunning('new'));
    engine.divide({ generation: next, takes: () => true });
    const late = named('old-1');
    queue.put(late);
    await runAll(() => queue.answers.length === 2);
    expect([early, late].map(answerOf)).toEqual(Array(2).fill('new encoded by new'));
    engine.stop();
    await ended;
  });

  test('are both noted as what has records, so that a death counts against the right ones', async () => {
    const { engine, ended } = start(generation('old', { requests: undefined }));
    engine.divide({ generation: generation('new', { requests: undefined }), takes: takesNew });
    const records = [named('old-1'), named('new-1')];
    queue.put(...records);
    await until(() => isRunning('old') && isRunning('new'));
    expect(notes.at(-1)).toEqual([records.map(({ id }) => id), false]);
    await runAll(() => queue.answers.length === 2);
    engine.stop();
    await ended;
  });

  test('both end what they have when the engine stops, without waiting for fuller batches', async () => {
    const waits = { batchTimeoutMs: 1_000_000 };
    const { engine, ended } = start(generation('old', waits));
    engine.divide({ generation: generation('new', waits), takes: takesNew });
    const records = [named('old-1'), named('new-1')];
    queue.put(...records);
    await until(() => records.every(({ data }) => data === undefined));
    engine.stop();
    await runAll(() => queue.answers.length === 2);
    await ended;
  });

  test('end with the engine where the second model is lost: its records stay in the queue', async () => {
    const { engine, ended } = start(generation('old'));
    engine.divide({ generation: generation('new'), takes: takesNew });
    const record = named('new-1');
    queue.put(record);
    await until(() => isRunning('new'));
    engine.abort(new Error('the model is lost'));
    await expect(ended).rejects.toThrow('the model is lost');
    expect(queue.answers).toEqual([]);
  });
});

describe('a shadow', () => {
  /** Numbers as they are, or changed by a version. */
  const model = (change: (value: number) => number): Generation['model'] => ({
    ...generation('shadow').model,
    inputs: [{ name: 'x', type: 'float32', shape: [null, 1] }],
    run: ([x]) =>
      Promise.resolve([
        { ...(x as ModelTensor), name: 'y', data: Float32Array.of(change(Number(x?.data[0]))) },
      ]),
  });
  const instance = (value: number) => [
    { ...row, parts: row.parts.map((part) => ({ ...part, data: Float32Array.of(value) })) },
  ];
  const shadowOf = (change: (value: number) => number, takes: (name: string) => boolean = () => true) =>
    createShadow({ served: model((x) => x), next: model(change), takes, clock: createHandClock(), log });
  const done = async (shadow: Shadow, count: number) =>
    until(() => shadow.agreement.compared + shadow.figures.next.report('2').failed >= count);

  test('counts the answers that agree, and the largest difference', async () => {
    const shadow = shadowOf((x) => (x > 50 ? x * 1.5 : x * 1.001));
    for (const value of [10, 20, 100]) shadow.see('a', instance(value));
    await done(shadow, 3);
    expect(shadow.agreement).toMatchObject({ compared: 3, agreed: 2, skipped: 0 });
    expect(shadow.agreement.difference).toBeCloseTo(0.5);
  });

  test('sees its share only', async () => {
    const shadow = shadowOf((x) => x, takesNew);
    for (const name of ['new-1', 'old-1', 'new-2']) shadow.see(name, instance(1));
    await done(shadow, 2);
    await shadow.close();
    expect(shadow.agreement.compared).toBe(2);
  });

  test('counts what it cannot answer, and goes on', async () => {
    const shadow = shadowOf((x) => {
      if (x === 13) throw new Error('no 13');
      return x;
    });
    for (const value of [13, 1]) shadow.see('a', instance(value));
    await done(shadow, 2);
    expect(shadow.agreement.compared).toBe(1);
    expect(shadow.figures.next.report('2')).toMatchObject({ answered: 1, failed: 1 });
  });

  test('skips what comes while it is far behind, and says how many', async () => {
    const shadow = shadowOf((x) => x);
    await shadow.pause();
    for (let i = 0; i < 300; i++) shadow.see('a', instance(i));
    expect(shadow.agreement.skipped).toBe(300 - 256);
    shadow.resume();
    await done(shadow, 256);
  });

  test('keeps copies: what the model takes with it is not missing', async () => {
    const shadow = shadowOf((x) => x);
    await shadow.pause();
    const given = instance(5);
    shadow.see('a', given);
    (given[0]?.parts[0]?.data as Float32Array).fill(99);
    shadow.resume();
    await done(shadow, 1);
    expect(shadow.agreement).toMatchObject({ compared: 1, agreed: 1 });
  });

  test('sees what the engine gives its model, and clients see nothing of it', async () => {
    const { engine, ended } = start(generation('old', { requests: undefined }));
    const seen: string[] = [];
    const shadow = { ...shadowOf((x) => x), see: (name: string) => void seen.push(name) };
    engine.shade(shadow);
    const [record, suspect] = [named('new-1'), { ...named('new-2'), alone: true }];
    queue.put(record);
    await runAll(() => answerOf(record) !== undefined);
    queue.put(suspect);
    await runAll(() => answerOf(suspect) !== undefined);
    expect([answerOf(record), answerOf(suspect)]).toEqual(Array(2).fill('old encoded by old'));
    // A suspect is run while nothing else is.
    expect(seen).toEqual(['new-1']);
    expect(notes.map(([, amongOthers]) => amongOthers)).toEqual([true, false]);
    engine.shade(undefined);
    const last = named('new-3');
    queue.put(last);
    await runAll(() => answerOf(last) !== undefined);
    expect([seen.length, notes.at(-1)?.[1]]).toEqual([1, false]);
    engine.stop();
    await ended;
    await setImmediate();
  });
});
