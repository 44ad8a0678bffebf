import { afterEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import {
  cancelJob,
  listJobs,
  readJob,
  readLastFailure,
  readTaskManagers,
} from '../../../../server/src/jobs/flink/flinkJobs.ts';
import { checkCluster, requireSlots, requireVersion } from '../../../../server/src/jobs/flink/cluster/checkCluster.ts';
import { readOverview, readProcessor } from '../../../../server/src/jobs/flink/cluster/cluster.ts';
import { readTaskManagerMemory } from '../../../../server/src/jobs/flink/submit/workerMemory.ts';
import { startFakeCluster, unknownJob, type FakeCluster } from './fakeCluster.ts';

let cluster: FakeCluster | undefined;
afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

async function answering(answer: unknown): Promise<FakeCluster> {
  const isAnswer = typeof answer === 'object' && answer !== null && 'body' in answer;
  cluster = await startFakeCluster(() => (isAnswer ? answer : { body: answer }));
  return cluster;
}

/** What a call gives, or the code that it throws; anything but a `ServingError` is a bug. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ServingError) return error.code;
    throw error;
  }
}

const asks = {
  listJobs,
  readJob: (address: FakeCluster['address']) => readJob(address, 'a'),
  readLastFailure: (address: FakeCluster['address']) => readLastFailure(address, 'a'),
  readTaskManagers: (address: FakeCluster['address']) => readTaskManagers(address, 'a', 'v'),
  readOverview,
  readProcessor,
  readTaskManagerMemory,
} as const;

describe('what answers but is no Flink is an error with a code, whatever is asked:', () => {
  const names = Object.keys(asks) as (keyof typeof asks)[];

  test.each(names)('%s', async (name) => {
    for (const body of ['', 'OK', '<html>', 'null', '7', '"jobs"', '{"jobs":', '\uFEFF{}x', '\0']) {
      const { address } = await answering(body);
      expect([body, await outcome(asks[name](address))]).toEqual([body, 'flink-not-flink']);
      await cluster?.close();
    }
  });

  test.each(names)('%s, of what refuses in words of its own', async (name) => {
    for (const body of [{}, { error: 'no' }, { errors: 'no' }, 'Forbidden']) {
      const { address } = await answering({ status: 403, body });
      expect(await outcome(asks[name](address))).toBe('flink-not-flink');
      await cluster?.close();
    }
  });
});

describe('a list that is none is an answer of something else', () => {
  const wrong = ['x', 7, { a: 1 }, true];

  test.each(wrong)('in the place of jobs: %j', async (jobs) => {
    const { address } = await answering({ jobs });
    expect(await outcome(listJobs(address))).toBe('flink-not-flink');
  });

  test.each(wrong)('in the place of vertices: %j', async (vertices) => {
    const { address } = await answering({ state: 'RUNNING', 'start-time': 1, vertices });
    expect(await outcome(readJob(address, 'a'))).toBe('flink-not-flink');
  });

  test.each(wrong)('in the place of TaskManagers: %j', async (taskmanagers) => {
    const { address } = await answering({ taskmanagers });
    expect(await outcome(readTaskManagers(address, 'a', 'v'))).toBe('flink-not-flink');
    expect(await outcome(readTaskManagerMemory(address))).toBe('flink-not-flink');
  });

  test('and a member that is no object is left out', async () => {
    const job = { jid: 'a', name: 'n', state: 'RUNNING', 'start-time': 5 };
    const { address } = await answering({ jobs: [null, 7, 'x', [], job] });
    expect(await listJobs(address)).toEqual([{ jobId: 'a', name: 'n', state: 'RUNNING', startedAt: 5 }]);
  });

  test('an absent one is empty', async () => {
    for (const body of [{}, { jobs: null, taskmanagers: null, vertices: null }]) {
      const { address } = await answering(body);
      expect(await listJobs(address)).toEqual([]);
      expect(await readTaskManagers(address, 'a', 'v')).toEqual([]);
      expect(await readTaskManagerMemory(address)).toEqual([]);
      expect(await readJob(address, 'a')).toMatchObject({ state: 'unknown', allRun: false, vertices: [] });
      await cluster?.close();
    }
  });
});

describe('of a job that the cluster does not know', () => {
  test('there is nothing, and no error', async () => {
    const { address, calls } = await answering(unknownJob);
    expect(await readJob(address, 'a')).toBeUndefined();
    expect(await readLastFailure(address, 'a')).toBeUndefined();
    expect(await readTaskManagers(address, 'a', 'v')).toEqual([]);
    await cancelJob(address, 'a');
    expect(calls).toEqual([
      'GET /jobs/a',
      'GET /jobs/a/exceptions?maxExceptions=1',
      'GET /jobs/a/vertices/v/taskmanagers',
      'PATCH /jobs/a?mode=cancel',
    ]);
  });

  test('any other refusal is one', async () => {
    const { address } = await answering({ status: 500, body: { errors: ['boom'] } });
    expect(await outcome(cancelJob(address, 'a'))).toBe('flink-failed');
    expect(await outcome(readJob(address, 'a'))).toBe('flink-failed');
  });
});

test('the machines of a job are named once each, in order, and only where they are assigned', async () => {
  const places = [{ endpoint: 'b:1' }, { host: 'a' }, { endpoint: 'b:1', host: 'x' }, { endpoint: '(unassigned)' }, {}];
  const { address } = await answering({ taskmanagers: places });
  expect(await readTaskManagers(address, 'a', 'v')).toEqual(['?', 'a', 'b:1']);
});

describe('a cluster', () => {
  const overview = (version: string, freeSlots: number) => ({
    'flink-version': version,
    taskmanagers: 2,
    'slots-total': 8,
    'slots-available': freeSlots,
  });

  test.each([
    ['1.20', 4, undefined],
    ['1.20.1', 4, undefined],
    ['1.20-SNAPSHOT', 4, 'flink-version'],
    ['1.2', 4, 'flink-version'],
    ['1.200.1', 4, 'flink-version'],
    ['11.20.1', 4, 'flink-version'],
    ['2.0.0', 4, 'flink-version'],
    ['', 4, 'flink-version'],
    ['1.20.1', 5, undefined],
    ['1.20.1', 3, 'flink-slots'],
    ['1.20.1', 0, 'flink-slots'],
    // The version comes first: that of another line has other slots.
    ['1.19.0', 0, 'flink-version'],
  ])('of version %s with %d free slots is asked for 4: %s', async (version, freeSlots, code) => {
    const { address } = await answering(overview(version, freeSlots));
    const found = { version, taskManagers: 2, slots: 8, freeSlots };
    expect(await outcome(checkCluster(address, 4))).toEqual(code ?? found);
  });

  test('says in its errors where it is, what it has and what is wanted', () => {
    const address = { host: 'far', port: 1 };
    const found = { version: '1.18.0', taskManagers: 3, slots: 9, freeSlots: 1 };
    expect(() => requireVersion(address, found)).toThrow(/far:1.*1\.18\.0.*1\.20/);
    expect(() => requireSlots(address, found, 7)).toThrow(/far:1.* 1 .*9.*3.*7/);
  });

  test.each([
    [{ jvm: { arch: 'aarch64' } }, 'arm64'],
    [{ jvm: { arch: 'amd64' } }, 'x64'],
    [{ jvm: {} }, 'x64'],
    [{}, 'x64'],
    [{ status: 404, body: { errors: ['no'] } }, 'x64'],
  ])('that says %j has workers for %s', async (said, processor) => {
    const { address } = await answering(said);
    expect(await readProcessor(address)).toBe(processor);
  });

  test('that shows only part of the memory of a TaskManager has none that is known', async () => {
    const { address } = await answering({ taskmanagers: [{ id: 'a' }, { id: 'b', freeSlots: 2, hardware: { physicalMemory: 9 } }] });
    expect(await readTaskManagerMemory(address)).toEqual([
      { id: 'a', freeSlots: 0, physical: 0, java: 0 },
      { id: 'b', freeSlots: 2, physical: 9, java: 0 },
    ]);
  });
});
