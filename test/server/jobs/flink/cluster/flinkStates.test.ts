import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Heartbeat, JobReport, JobState, Registration } from '../../../../../schemas/jobEvents.ts';
import { flinkReport } from '../../../../../server/src/queue/registry/jobReports.ts';
import { addFlinkStates } from '../../../../../server/src/jobs/flink/cluster/flinkStates.ts';
import { root } from '../../../../support/serving.ts';

let server: Server;
let flinkState: string | undefined;
let startedAt: number;
let task: string;
const trace = readFileSync(join(root, 'test', 'fixtures', 'flinkTraces', 'onnx-broken.txt'), 'utf8');

beforeEach(async () => {
  startedAt = Date.now();
  task = 'RUNNING';
  server = createServer((request, response) => {
    const answer = request.url?.includes('/exceptions')
      ? { exceptionHistory: { entries: [{ stacktrace: trace }] } }
      : request.url?.endsWith('/taskmanagers')
        ? {
            taskmanagers: [
              { endpoint: 'worker-1:3000' },
              { endpoint: 'worker-1:3000' },
              { endpoint: '(unassigned)', host: '(unassigned)' },
            ],
          }
        : flinkState === undefined
          ? { errors: ['Job could not be found'] }
          : { state: flinkState, 'start-time': startedAt, vertices: [{ id: 'v', status: task }] };
    response.writeHead('errors' in answer ? 404 : 200).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** What Redis alone knows of a job: its state by the heartbeats, and whether there are any. */
function known(state: JobState, beats: boolean, more: { jar?: string; backend?: 'embedded' } = {}): JobReport {
  const { port } = server.address() as AddressInfo;
  const record = {
    jobId: 'f'.repeat(32),
    jobName: 'job',
    flinkRestUrl: `127.0.0.1:${port}`,
    parallelism: 1,
    configPath: '/c.yaml',
    configDigest: 'd',
    host: 'h',
    startedAt,
    ...(more.jar === undefined ? {} : { jar: more.jar }),
  };
  const registration = { workerId: 'w', jobName: 'job', backend: more.backend ?? 'flink' } as Registration;
  const heartbeat = { workerId: 'w', state: 'ready' } as Heartbeat;
  return {
    jobName: 'job',
    redis: 'r:1',
    backend: 'flink',
    state,
    workers: beats ? [{ registration, heartbeat }] : [],
    queue: { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 },
    flinkJobs: [flinkReport(record)],
  };
}

test.each<[string | undefined, JobState, boolean, JobState]>([
  ['RUNNING', 'running', true, 'running'],
  ['RUNNING', 'full', true, 'full'],
  ['RUNNING', 'starting', false, 'starting'],
  // The heartbeats of workers that have just died are still there.
  ['FAILED', 'running', true, 'failed'],
  ['FAILED', 'starting', false, 'failed'],
  ['RESTARTING', 'running', true, 'starting'],
  ['INITIALIZING', 'starting', false, 'starting'],
  ['CANCELLING', 'running', true, 'stopping'],
  ['CANCELED', 'failed', false, 'stopped'],
  ['FINISHED', 'failed', false, 'stopped'],
  [undefined, 'starting', false, 'failed'],
  [undefined, 'running', true, 'running'],
])('a job that Flink calls %s, and Redis %s with heartbeats %s, is %s', async (state, base, beats, merged) => {
  flinkState = state;
  expect((await addFlinkStates([known(base, beats)]))[0]?.state).toBe(merged);
});

test('the last failure of a job that fails or restarts is reported in one line, with its key', async () => {
  for (const state of ['FAILED', 'FAILING', 'RESTARTING']) {
    flinkState = state;
    const [job] = await addFlinkStates([known('starting', false)]);
    expect(job?.failure).toContain('modelPath: ');
    expect(job?.flinkJobs?.[0]?.failure).toBe(job?.failure);
  }
});

test('a job that Flink calls RUNNING while its tasks wait reports why they do', async () => {
  flinkState = 'RUNNING';
  task = 'SCHEDULED';
  const [job] = await addFlinkStates([known('failed', false)]);
  expect(job?.state).toBe('starting');
  expect(job?.failure).toContain('modelPath: ');
});

test('a job that runs reports its TaskManagers, each once', async () => {
  flinkState = 'RUNNING';
  const [job] = await addFlinkStates([known('running', true)]);
  expect(job?.flinkJobs?.[0]).toMatchObject({ state: 'RUNNING', taskManagers: ['worker-1:3000'] });
  expect(job?.failure).toBeUndefined();
});

test('a job that runs for minutes while no worker reports has failed for those who wait for answers', async () => {
  flinkState = 'RUNNING';
  startedAt = Date.now() - 600_000;
  const [job] = await addFlinkStates([known('failed', false)]);
  expect(job).toMatchObject({ state: 'failed' });
  expect(job?.failure).toContain('redisUrl');
});

test("a jar of the user's runs when Flink says so, since its workers do not report", async () => {
  flinkState = 'RUNNING';
  expect((await addFlinkStates([known('failed', false, { jar: '/a.jar' })]))[0]?.state).toBe('running');
});

test('embedded workers that were added keep a job running whatever becomes of Flink', async () => {
  flinkState = 'FAILED';
  expect((await addFlinkStates([known('running', true, { backend: 'embedded' })]))[0]?.state).toBe('running');
});

test('a cluster that is away leaves the word to the heartbeats, and says why it cannot be asked', async () => {
  const [beating, silent] = [known('running', true), known('starting', false)];
  await new Promise((resolve) => server.close(resolve));
  const [first, second] = await addFlinkStates([beating, silent]);
  expect(first).toMatchObject({ state: 'running', flinkJobs: [{ state: 'unreachable' }] });
  expect(second).toMatchObject({ state: 'failed', flinkJobs: [{ state: 'unreachable' }] });
  expect(second?.failure).toContain('flinkRestUrl');
  server.listen(0);
});
