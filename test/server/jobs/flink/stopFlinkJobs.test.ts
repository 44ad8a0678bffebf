import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flinkWorkerPrefix } from '../../../../schemas/flinkJob.ts';
import type { FlinkJobRecord, Registration } from '../../../../schemas/jobEvents.ts';
import { stopFlinkJobs } from '../../../../server/src/jobs/flink/stopFlinkJobs.ts';
import { openStateFolder, type StateFolder } from '../../../../server/src/jobs/machine/stateFolder.ts';
import { createMemoryRegistry } from '../../../support/memoryRegistry.ts';
import { startFakeCluster, unknownJob, type FakeCluster } from './fakeCluster.ts';

let folder: string;
let state: StateFolder;
let cluster: FakeCluster;
/** Of each job that the cluster knows. */
let states: Map<string, string>;
/** What the cluster answers a request to cancel with, in place of doing it. */
let refusal: { status: number; body: unknown; endsIn?: string } | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-stop-'));
  state = openStateFolder(folder);
  states = new Map();
  refusal = undefined;
  cluster = await startFakeCluster((path, { method }) => {
    const jobId = path.replace(/^\/jobs\/|\?.*$/g, '');
    const known = states.get(jobId);
    if (known === undefined) return unknownJob;
    if (method === 'PATCH' && refusal) {
      states.set(jobId, refusal.endsIn ?? known);
      return refusal;
    }
    if (method === 'PATCH') states.set(jobId, 'CANCELED');
    return { body: { state: states.get(jobId), 'start-time': 1, vertices: [] } };
  });
});
afterEach(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

function aJob(letter: string, more: Partial<FlinkJobRecord> = {}): FlinkJobRecord {
  const job = {
    ...{ jobId: letter.repeat(32), jobName: 'digits', flinkRestUrl: cluster.place, parallelism: 1 },
    ...{ configPath: '/c.yaml', configDigest: '', host: 'here', startedAt: 1 },
    ...more,
  };
  state.saveFlinkJob({ ...job, redis: { host: 'localhost', port: 1 } });
  return job;
}

function aWorker({ jobId }: FlinkJobRecord, index: number): Registration {
  return {
    ...{ workerId: `${flinkWorkerPrefix(jobId)}${index}`, jobName: 'digits', backend: 'flink', host: 'far', pid: 1 },
    ...{ configPath: '/c.yaml', configDigest: '', startedAt: 1, logFile: '' },
  };
}

const remembered = () => state.flinkJobs().map(({ jobId }) => jobId.slice(0, 1));

describe('a job on Flink that is stopped', () => {
  test('is asked through its workers where all of them listen, and ends by itself', async () => {
    const job = aJob('a', { parallelism: 2 });
    states.set(job.jobId, 'RUNNING');
    const workers = [aWorker(job, 0), aWorker(job, 1)];
    const registry = createMemoryRegistry({
      onAsked(workerId, { living }) {
        living.delete(workerId);
        if (living.size === 0) states.set(job.jobId, 'FINISHED');
      },
    });
    for (const worker of workers) {
      registry.workers.set(worker.workerId, worker);
      registry.living.add(worker.workerId);
    }
    await registry.saveFlinkJob(job);
    expect(await stopFlinkJobs({ state, registry, jobs: [job], workers })).toEqual([{ job, wasDead: false }]);
    expect(registry.asked.sort()).toEqual(workers.map(({ workerId }) => workerId));
    expect(cluster.calls.some((call) => call.startsWith('PATCH'))).toBe(false);
    expect([registry.workers.size, registry.flinkJobs.size, remembered()]).toEqual([0, 0, []]);
  });

  test('is cancelled on its cluster where one of its workers does not listen', async () => {
    const job = aJob('a', { parallelism: 2 });
    states.set(job.jobId, 'RUNNING');
    const registry = createMemoryRegistry();
    const workers = [aWorker(job, 0), aWorker(job, 1)];
    expect(await stopFlinkJobs({ state, registry, jobs: [job], workers })).toEqual([{ job, wasDead: false }]);
    expect(registry.asked).toEqual([]);
    expect(states.get(job.jobId)).toBe('CANCELED');
    expect(remembered()).toEqual([]);
  });

  test('is cancelled when Redis is away', async () => {
    const job = aJob('a');
    states.set(job.jobId, 'RESTARTING');
    expect(await stopFlinkJobs({ state, registry: undefined, jobs: [job], workers: [] })).toEqual([{ job, wasDead: false }]);
    expect(states.get(job.jobId)).toBe('CANCELED');
    expect(remembered()).toEqual([]);
  });

  test.each(['FAILED', 'CANCELED', 'FINISHED', undefined])('was dead before, when Flink says %s', async (known) => {
    const job = aJob('a');
    if (known !== undefined) states.set(job.jobId, known);
    const registry = createMemoryRegistry();
    expect(await stopFlinkJobs({ state, registry, jobs: [job], workers: [] })).toEqual([{ job, wasDead: true }]);
    expect(cluster.calls.some((call) => call.startsWith('PATCH'))).toBe(false);
    expect(remembered()).toEqual([]);
  });

  test('whose cluster is gone is asked through Redis, and was dead before', async () => {
    const job = aJob('a');
    const worker = aWorker(job, 0);
    const registry = createMemoryRegistry({ onAsked: (workerId, { living }) => void living.delete(workerId) });
    registry.living.add(worker.workerId);
    await cluster.close();
    expect(await stopFlinkJobs({ state, registry, jobs: [job], workers: [worker] })).toEqual([{ job, wasDead: true }]);
    expect(registry.asked).toEqual([worker.workerId]);
    cluster = await startFakeCluster(() => unknownJob);
  });

  test('that its cluster refuses to cancel is asked through Redis', async () => {
    const job = aJob('a');
    const worker = aWorker(job, 0);
    states.set(job.jobId, 'RUNNING');
    refusal = { status: 500, body: { errors: ['busy'] } };
    const registry = createMemoryRegistry({ onAsked: (workerId, { living }) => void living.delete(workerId) });
    expect(await stopFlinkJobs({ state, registry, jobs: [job], workers: [worker] })).toEqual([{ job, wasDead: true }]);
    expect(registry.asked).toEqual([worker.workerId]);
  });

  test('that ends by itself just before it is cancelled has ended, and that is no refusal', async () => {
    const job = aJob('a');
    states.set(job.jobId, 'RUNNING');
    refusal = { status: 409, body: { errors: ['The job has ended already'] }, endsIn: 'FAILED' };
    expect(await stopFlinkJobs({ state, registry: undefined, jobs: [job], workers: [] })).toEqual([
      { job, wasDead: false },
    ]);
    expect(cluster.calls.some((call) => call.startsWith('PATCH'))).toBe(true);
    expect(remembered()).toEqual([]);
  });

  test('leaves others alone: their workers, their records, their cancelling', async () => {
    const [job, other] = [aJob('a'), aJob('b')];
    for (const { jobId } of [job, other]) states.set(jobId, 'RUNNING');
    const registry = createMemoryRegistry();
    const theirs = aWorker(other, 0);
    registry.workers.set(theirs.workerId, theirs);
    registry.living.add(theirs.workerId);
    await registry.saveFlinkJob(other);
    await stopFlinkJobs({ state, registry, jobs: [job], workers: [] });
    expect(states.get(other.jobId)).toBe('RUNNING');
    expect([registry.asked, [...registry.workers.keys()], remembered()]).toEqual([[], [theirs.workerId], ['b']]);
  });

  test('of several each has its own report, in their order', async () => {
    const jobs = [aJob('a'), aJob('b'), aJob('c')];
    states.set('a'.repeat(32), 'FINISHED');
    states.set('b'.repeat(32), 'RUNNING');
    const stopped = await stopFlinkJobs({ state, registry: createMemoryRegistry(), jobs, workers: [] });
    expect(stopped.map(({ job: { jobId }, wasDead }) => [jobId.slice(0, 1), wasDead])).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
  });
});

test('workers of a job that no record names are asked through Redis, and forgotten', async () => {
  const worker = aWorker(aJob('a'), 0);
  const registry = createMemoryRegistry({ onAsked: (workerId, { living }) => void living.delete(workerId) });
  registry.workers.set(worker.workerId, worker);
  registry.living.add(worker.workerId);
  expect(await stopFlinkJobs({ state, registry, jobs: [], workers: [worker] })).toEqual([]);
  expect([registry.asked, registry.workers.size]).toEqual([[worker.workerId], 0]);
});
