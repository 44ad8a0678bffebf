import { describe, expect, test } from 'vitest';
import type {
  FlinkJobRecord,
  Heartbeat,
  QueueFigures,
  Registration,
  SecretNeeded,
  WorkerState,
} from '../../../schemas/jobEvents.ts';
import { startLimits } from '../../../schemas/startLimits.ts';
import {
  groupByJob,
  modelOf,
  readyWorker,
  reportJobs,
  type Registered,
} from '../../../server/src/queue/registry/jobReports.ts';
import { aJob, beat } from '../../client/aJob.ts';

const now = 1_700_000_000_000;
const base = aJob().workers[0]?.registration ?? expect.fail('no worker');
const empty: QueueFigures = { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 };

function worker(workerId: string, more: Partial<Registration> = {}): Registration {
  return { ...base, workerId, startedAt: now - 10 * startLimits.readyMs, ...more };
}
function beatText(workerId: string, state: WorkerState = 'ready', more: Partial<Heartbeat> = {}): string {
  return JSON.stringify({ ...beat, workerId, state, ...more });
}
const needed: SecretNeeded = { code: 'model-secret-missing', message: 'Put the secret.' };
const earlyText = (workerId: string, needs?: SecretNeeded) =>
  JSON.stringify({
    workerId,
    jobName: 'digits',
    at: now,
    state: needs ? 'waiting-for-secret' : 'starting',
    needs,
  });

const flinkJob: FlinkJobRecord = {
  jobId: 'ab'.repeat(16),
  jobName: 'digits',
  flinkRestUrl: 'flink:8081',
  parallelism: 2,
  configPath: '/c.yaml',
  configDigest: 'd',
  host: 'h',
  startedAt: now,
};

function report(
  registrations: readonly Registration[],
  beats: Readonly<Record<string, string>> = {},
  more: Partial<Registered> = {},
) {
  return reportJobs({
    registrations,
    beats: new Map(Object.entries(beats)),
    flinkJobs: [],
    figures: new Map([['digits', empty]]),
    storeText: 'localhost:6379',
    now,
    isDead: () => false,
    ...more,
  });
}

describe('the state of a job', () => {
  const young = worker('w1', { startedAt: now - 1 });
  test.each<[string, readonly Registration[], Readonly<Record<string, string>>, string]>([
    ['that is ready', [worker('w1')], { w1: beatText('w1') }, 'running'],
    ['of which one worker is ready', [worker('w1'), worker('w2')], { w2: beatText('w2') }, 'running'],
    ['that stops', [worker('w1')], { w1: beatText('w1', 'stopping') }, 'stopping'],
    [
      'of which one worker stops and one is ready',
      [worker('w1'), worker('w2')],
      { w1: beatText('w1', 'stopping'), w2: beatText('w2') },
      'running',
    ],
    [
      'whose Redis is full',
      [worker('w1'), worker('w2')],
      { w1: beatText('w1', 'full'), w2: beatText('w2') },
      'full',
    ],
    ['that waits for a secret', [worker('w1')], { w1: earlyText('w1', needed) }, 'waiting-for-secret'],
    ['that got its secret', [worker('w1')], { w1: earlyText('w1') }, 'starting'],
    ['that began just now', [young], {}, 'starting'],
    ['that began long ago and says nothing', [worker('w1')], {}, 'failed'],
    ['of which one began just now and one says nothing', [young, worker('w2')], {}, 'failed'],
    ['that reported why it failed', [{ ...young, failure: 'no model' }], {}, 'failed'],
    ['whose heartbeat is broken', [worker('w1')], { w1: '{"workerId":"w1"' }, 'failed'],
    ['whose heartbeat is another worker’s', [worker('w1')], { w1: beatText('w2') }, 'failed'],
    ['whose clock is behind that of the store', [worker('w1', { startedAt: now + 60_000 })], {}, 'starting'],
    ['that has no worker at all', [], {}, 'failed'],
  ])('%s', (_, registrations, beats, state) => {
    expect(report(registrations, beats)[0]?.state).toBe(state);
  });

  test('counts as begun to the millisecond', () => {
    const at = (ago: number) => report([worker('w1', { startedAt: now - ago })])[0]?.state;
    expect([at(startLimits.readyMs - 1), at(startLimits.readyMs)]).toEqual(['starting', 'failed']);
  });

  test('is failed as soon as the process is known to be gone, whatever its last heartbeat was', () => {
    const [job] = report([worker('w1')], { w1: beatText('w1') }, { isDead: () => true });
    expect(job?.state).toBe('failed');
    expect(job?.failure).toContain('/logs/w1.log');
    expect(job?.workers[0]?.heartbeat).toBeUndefined();
  });

  test('is that of Flink until the cluster was asked', () => {
    const [job] = report([], {}, { flinkJobs: [flinkJob] });
    expect(job).toMatchObject({ backend: 'flink', state: 'starting', flinkJobs: [{ state: 'unknown' }] });
    expect(job?.flinkJobs?.[0]?.url).toContain(`flink:8081/#/job/running/${flinkJob.jobId}`);
    const old = { ...flinkJob, startedAt: 0 };
    expect(report([], {}, { flinkJobs: [old] })[0]).toMatchObject({ state: 'failed' });
  });
});

describe('why a job has failed', () => {
  test('is what a worker has reported, if one has', () => {
    const [job] = report([worker('w1'), worker('w2', { failure: 'The model is damaged.' })]);
    expect(job?.failure).toBe('The model is damaged.');
  });

  test('names the machine, the process and the log of a silent worker', () => {
    const [job] = report([worker('w1', { host: 'box', pid: 4711, logFile: '/l/x.log' })]);
    expect(job?.failure).toMatch(/box.*4711.*heartbeat.*\/l\/x\.log/);
  });

  test('is not said of a job that runs, and what it needs is not said of one that does not wait', () => {
    const [job] = report([worker('w1'), worker('w2')], { w1: beatText('w1'), w2: earlyText('w2', needed) });
    expect([job?.state, job?.failure, job?.needs]).toEqual(['running', undefined, undefined]);
    expect(report([worker('w2')], { w2: earlyText('w2', needed) })[0]?.needs).toEqual(needed);
  });
});

describe('the report', () => {
  test('has the jobs in the order of the figures, each with its own workers', () => {
    const names = ['__proto__', 'constructor', 'b', 'a'];
    const jobs = report(
      names.map((jobName) => worker(`of ${jobName}`, { jobName })),
      {},
      { figures: new Map(names.map((name) => [name, empty])) },
    );
    expect(
      jobs.map(({ jobName, workers }) => [jobName, workers.map(({ registration }) => registration.workerId)]),
    ).toEqual(names.map((name) => [name, [`of ${name}`]]));
  });

  test('counts requests that share an entry, or never were in the queue, once they are answered', () => {
    const figures = new Map([['digits', { ...empty, added: 10 }]]);
    const beats = {
      w1: beatText('w1', 'ready', { shared: 4 }),
      w2: beatText('w2', 'ready', { overHttp: 3 }),
    };
    const [job] = report([worker('w1'), worker('w2')], beats, { figures });
    expect(job?.queue.added).toBe(17);
    expect(report([worker('w1')], beats)[0]?.queue).toEqual(empty);
  });

  test('groups by names that objects have themselves', () => {
    const grouped = groupByJob([{ jobName: '__proto__' }, { jobName: 'toString' }, { jobName: '__proto__' }]);
    expect([...grouped].map(([name, all]) => [name, all.length])).toEqual([
      ['__proto__', 2],
      ['toString', 1],
    ]);
  });
});

describe('what can be asked of a job', () => {
  const job = (...beats: readonly Partial<Heartbeat>[]) =>
    aJob({ workers: beats.map((one) => ({ registration: base, heartbeat: { ...beat, ...one } })) });

  test('is what a ready worker says, in the forms that all ready ones read', () => {
    expect(readyWorker(job({ state: 'stopping' }))).toBeUndefined();
    expect(readyWorker(aJob({ workers: [{ registration: base }] }))).toBeUndefined();
    const both = job(
      { state: 'stopping', forms: [] },
      { workerId: 'a', forms: ['typed'] },
      { workerId: 'b', forms: ['typed'] },
    );
    expect(readyWorker(both)).toMatchObject({ workerId: 'a', forms: ['typed'] });
    expect(readyWorker(job({ forms: ['typed'] }, {}))?.forms).toEqual([]);
    expect(readyWorker(job({}, { forms: ['typed'] }))?.forms).toBeUndefined();
  });

  test('is what any living worker says where none is ready, and nothing of a job that is not there', () => {
    expect(modelOf([job({ workerId: 'x', state: 'full' })], 'digits')).toMatchObject({ workerId: 'x' });
    expect(modelOf([job({})], 'other')).toBeUndefined();
    expect(modelOf([aJob({ workers: [{ registration: base }] })], 'digits')).toBeUndefined();
  });
});
