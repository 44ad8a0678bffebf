import { beforeEach, describe, expect, test } from 'vitest';
import type { ReloadReport, ReloadRequest } from '../../../../schemas/jobEvents.ts';
import type { RolloutWish } from '../../../../schemas/rollout.ts';
import { createEngine, type Engine } from '../../../../server/src/engine/engine.ts';
import { createReloader, type Reloader } from '../../../../server/src/engine/reload/reloader.ts';
import { createRollouts, type Rollouts } from '../../../../server/src/engine/reload/rollouts.ts';
import type { NotedRollout, Target, TargetSource } from '../../../../server/src/engine/reload/target.ts';
import type { LoadedModel, Serving } from '../../../../server/src/engine/serving.ts';
import { createStatistics } from '../../../../server/src/engine/statistics.ts';
import { generation, pending } from '../../../support/generations.ts';
import { createHandClock } from '../../../support/handClock.ts';
import { createMemoryQueue } from '../../../support/memoryQueue.ts';

// The turns of a rollout, with the engine itself and a model for each version. What a reload of files does is in
// test/integration/reload.test.ts.

const skip = () => undefined;
const log = { info: skip, warn: skip, error: skip, lost: 0, close: skip };

/** Versions whose models were loaded, and those that were freed. */
let loads: string[];
let closed: string[];
let note: NotedRollout | undefined;
let pins: unknown[];
/** What a load throws. */
let failure: Error | undefined;
/** The inputs of a version that are not like those of the others. */
let odd: string | undefined;
let reads: number;

beforeEach(() => {
  pending.clear();
  [loads, closed, pins] = [[], [], []];
  [note, failure, odd, reads] = [undefined, undefined, undefined, 0];
});

const targetOf = (version: string): Target =>
  ({
    config: { modelPath: 'm', reloadMaxDifferencePercent: -1 },
    job: {},
    model: { found: { version, folder: version }, source: { file: `${version}/m.onnx` } },
    print: 'print',
    modelPrint: version,
  }) as unknown as Target;

const source: TargetSource = {
  first: () => Promise.resolve(targetOf('1')),
  read() {
    reads += 1;
    return Promise.resolve(targetOf('1'));
  },
  readBefore: () => Promise.resolve(targetOf('0')),
  readVersion: (_, version) => Promise.resolve(targetOf(version)),
  print: () => Promise.resolve('print'),
  printModel: ({ modelPrint }) => Promise.resolve(modelPrint),
  apply: skip,
  pin: (pinned) => void pins.push(pinned),
  noteRollout: (noted) => {
    note = noted;
  },
  notedRollout: () => note,
};

function loadedOf(target: Target): LoadedModel {
  const version = target.modelPrint;
  const { model } = generation(version);
  const type = odd === version ? 'int64' : 'float32';
  return {
    model: { ...model, inputs: [{ name: 'x', type, shape: [null, 1] }] },
    resolved: target.model,
    labels: new Map(),
    lastInputs: { see: skip, all: [] },
    dying: new AbortController().signal,
    close() {
      closed.push(version);
      return Promise.resolve();
    },
  } as unknown as LoadedModel;
}

function make(loaded: LoadedModel, target: Target): Serving {
  const version = target.modelPrint;
  return { ...generation(version, { version, model: loaded.model }), loaded, job: target.job };
}

interface World {
  readonly engine: Engine;
  readonly reloader: Reloader;
  readonly rollouts: Rollouts;
  readonly ask: (request: ReloadRequest) => Promise<ReloadReport>;
  /** The version that answers what is served. */
  readonly served: () => string | undefined;
}

function openWorld(): World {
  const first = targetOf('1');
  let serving = make(loadedOf(first), first);
  const clock = createHandClock();
  const queue = createMemoryQueue();
  const engine = createEngine({ ...serving, queue, statistics: createStatistics(0), log, clock });
  const rollouts = createRollouts({ engine, served: () => serving, clock, log });
  const reloader = createReloader({
    source,
    first,
    current: () => serving,
    load(target) {
      loads.push(target.modelPrint);
      return failure ? Promise.reject(failure) : Promise.resolve(loadedOf(target));
    },
    make,
    async exchange(next) {
      const drained = engine.exchange(next);
      const ended = rollouts.end();
      serving = next;
      await Promise.all([drained, ended]);
    },
    rollouts,
    backlog: () => Promise.resolve(0),
    now: () => 1,
    log,
    onReport: skip,
  });
  return {
    ...{ engine, reloader, rollouts },
    ask: (request) => reloader.reload(request),
    served: () => serving.version,
  };
}

const to = (version: string, more: Partial<RolloutWish> = {}): ReloadRequest => ({
  by: 'rollout',
  rollout: { version, percent: 10, isShadow: false, ...more },
});

describe('a rollout', () => {
  test('loads the version beside the one that is served, and notes it', async () => {
    const { ask, served, rollouts } = openWorld();
    expect(await ask(to('2'))).toMatchObject({ state: 'done', changed: 'rollout', compared: 0 });
    expect([served(), loads, closed]).toEqual(['1', ['2'], []]);
    expect(note).toEqual({ served: '1', version: '2', percent: 10, isShadow: false });
    expect(rollouts.report()).toMatchObject({
      ...{ version: '2', percent: 10, served: { version: '1' }, next: { version: '2' } },
    });
  });

  test('that changes its share, or becomes a shadow and visible again, loads nothing', async () => {
    const { ask, rollouts, engine } = openWorld();
    await ask(to('2'));
    await ask(to('2', { percent: 100 }));
    expect(engine.isBeside({ name: 'any' })).toBe(true);
    await ask(to('2', { percent: 100, isShadow: true }));
    expect([engine.isBeside({ name: 'any' }), rollouts.report()?.agreement?.compared]).toEqual([false, 0]);
    await ask(to('2', { percent: 100 }));
    expect([engine.isBeside({ name: 'any' }), rollouts.report()?.agreement]).toEqual([true, undefined]);
    expect([loads, closed, note?.percent]).toEqual([['2'], [], 100]);
  });

  test('that is promoted frees the old model, and a worker that starts again serves the new one', async () => {
    for (const isShadow of [false, true]) {
      [closed, pins] = [[], []];
      const { ask, served, rollouts } = openWorld();
      await ask(to('2', { isShadow }));
      expect(await ask({ by: 'promote' })).toMatchObject({ state: 'done', changed: 'model' });
      expect([served(), closed, note, rollouts.running]).toEqual(['2', ['1'], undefined, undefined]);
      expect(pins).toEqual([{ print: 'print', version: '2' }]);
    }
    expect(loads).toEqual(['2', '2']);
  });

  test('that is aborted frees the second model and its note', async () => {
    const { ask, served, rollouts } = openWorld();
    await ask(to('2'));
    expect(await ask({ by: 'abort' })).toMatchObject({ state: 'done', changed: 'rollout' });
    expect([served(), closed, note, rollouts.running]).toEqual(['1', ['2'], undefined, undefined]);
  });

  test.each<ReloadRequest>([
    { by: 'change' },
    { by: 'command' },
    { by: 'http' },
    { by: 'signal' },
    { by: 'rollback' },
    to('3'),
  ])('keeps everything else away, and says how to end it: %j', async (request) => {
    const { ask, rollouts } = openWorld();
    await ask(to('2'));
    const { state, refusal } = await ask(request);
    expect([state, refusal?.code, reads]).toEqual(['refused', 'rollout-running', 0]);
    expect(refusal?.message).toMatch(/version 2 .*--promote.*--abort/);
    expect([rollouts.running?.wish.version, closed]).toEqual(['2', []]);
  });

  test.each<ReloadRequest>([{ by: 'promote' }, { by: 'abort' }])(
    'cannot be ended where none runs: %j',
    async (request) => {
      expect((await openWorld().ask(request)).refusal?.code).toBe('rollout-missing');
    },
  );

  test('to what is served already is refused', async () => {
    expect((await openWorld().ask(to('1'))).refusal?.code).toBe('rollout-impossible');
    expect(loads).toEqual([]);
  });

  test('of a version that cannot be loaded, or takes something else, changes nothing', async () => {
    const { ask, rollouts } = openWorld();
    failure = new Error('broken');
    expect(await ask(to('2'))).toMatchObject({ state: 'refused', refusal: { message: 'broken' } });
    failure = undefined;
    odd = '2';
    const { refusal } = await ask(to('2'));
    // Even though nothing waits in the queue: a reload would take it then.
    expect(refusal).toMatchObject({ code: 'model-incompatible' });
    expect(refusal).not.toHaveProperty('key');
    expect([rollouts.running, closed, note]).toEqual([undefined, ['2'], undefined]);
  });
});

describe('a worker that starts again', () => {
  const noted = { served: '1', version: '2', percent: 30, isShadow: false };

  test('takes up the rollout with the same share', async () => {
    note = noted;
    const { reloader, rollouts } = openWorld();
    await reloader.resume();
    expect(rollouts.report()).toMatchObject({ version: '2', percent: 30, served: { version: '1' } });
    expect(reloader.report).toMatchObject({ by: 'rollout', state: 'done' });
  });

  test('does nothing where none was noted', async () => {
    const { reloader } = openWorld();
    await reloader.resume();
    expect([reloader.report, loads]).toEqual([undefined, []]);
  });

  test('and serves another version than before does not, and says so', async () => {
    note = { ...noted, served: '3', version: '4' };
    const { reloader, rollouts } = openWorld();
    await reloader.resume();
    expect(reloader.report?.refusal).toMatchObject({ code: 'rollout-ended' });
    expect([rollouts.running, note]).toEqual([undefined, undefined]);
  });

  test('and cannot load the version any more serves the old one, and an abort removes the note', async () => {
    note = noted;
    failure = new Error('broken');
    const { reloader, rollouts, ask } = openWorld();
    await reloader.resume();
    expect([reloader.report?.state, rollouts.running, note]).toEqual(['refused', undefined, noted]);
    await ask({ by: 'abort' });
    expect(note).toBeUndefined();
  });
});

describe('the model of a shadow that dies', () => {
  test('ends the rollout, and what is served goes on', async () => {
    const { ask, reloader, rollouts, served } = openWorld();
    await ask(to('2', { isShadow: true }));
    await reloader.loseShadow('out of memory');
    expect(reloader.report?.refusal).toMatchObject({ code: 'rollout-ended' });
    expect([served(), rollouts.running, closed, note]).toEqual(['1', undefined, ['2'], undefined]);
  });

  test('changes nothing where the rollout is visible again, or has ended', async () => {
    const { ask, reloader, rollouts } = openWorld();
    await reloader.loseShadow('out of memory');
    await ask(to('2'));
    await reloader.loseShadow('out of memory');
    expect([rollouts.running?.wish.version, closed]).toEqual(['2', []]);
  });
});
