import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FlinkReport, JobReport } from '../../../../schemas/jobEvents.ts';
import { readOtherFlinkJobs } from '../../../../server/src/jobs/flink/otherJobs.ts';
import { startFakeCluster, type Answer, type FakeCluster } from './fakeCluster.ts';

let folder: string;
let config: string;
let cluster: FakeCluster;
let answer: Answer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-others-'));
  config = join(folder, 'config.yaml');
  answer = { body: { jobs: [] } };
  cluster = await startFakeCluster(() => answer);
});
afterEach(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

const listed = (jid: string, state = 'RUNNING') => ({ jid, name: `name of ${jid}`, state, 'start-time': 5 });
const shown = (jobId: string, state = 'RUNNING') => ({
  ...{ flinkRestUrl: cluster.place, jobId, name: `name of ${jobId}` },
  ...{ state, startedAt: 5 },
});

function known(...jobIds: readonly string[]): JobReport {
  const flinkJobs = jobIds.map((jobId): FlinkReport => ({
    ...{ jobId, jobName: 'digits', flinkRestUrl: cluster.place, parallelism: 1, configPath: config },
    ...{ configDigest: '', host: 'here', startedAt: 1, state: 'RUNNING', url: '', taskManagers: [] },
  }));
  const queue = { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 };
  return { jobName: 'digits', redis: 'r:1', backend: 'flink', state: 'running', workers: [], queue, flinkJobs };
}

test('what else runs on the cluster of a job is listed, and what has ended or is known is not', async () => {
  const states = ['RUNNING', 'RESTARTING', 'FAILED', 'CANCELED', 'FINISHED', 'DREAMING'];
  answer = { body: { jobs: [listed('own'), ...states.map((state) => listed(state.toLowerCase(), state))] } };
  expect(await readOtherFlinkJobs(config, [known('own')])).toEqual({
    jobs: [shown('running'), shown('restarting', 'RESTARTING')],
    errors: [],
  });
});

test('a cluster is asked once, though several jobs and the config name it', async () => {
  writeFileSync(config, `modelPath: m\nbackend: flink\nflinkRestUrl: ${cluster.place}\n`);
  answer = { body: { jobs: [listed('a'), listed('b'), listed('c')] } };
  const { jobs } = await readOtherFlinkJobs(config, [known('a'), known('b')]);
  expect(jobs).toEqual([shown('c')]);
  expect(cluster.calls).toEqual(['GET /jobs/overview']);
});

test.each([
  ['names the cluster', 'modelPath: m\nbackend: flink\n', ['GET /jobs/overview']],
  ['is of another backend', 'modelPath: m\n', []],
  ['cannot be read', 'modelPath: [\nbackend: flink\n', []],
  ['is no config', '\0\0\0', []],
])('without a known job, a config that %s decides whether a cluster is asked', async (_, text, calls) => {
  writeFileSync(config, `${text}flinkRestUrl: ${cluster.place}\n`);
  expect(await readOtherFlinkJobs(config, [])).toEqual({ jobs: [], errors: [] });
  expect(cluster.calls).toEqual(calls);
});

test('without a config and a job no cluster is asked', async () => {
  expect(await readOtherFlinkJobs(join(folder, 'nowhere.yaml'), [])).toEqual({ jobs: [], errors: [] });
  expect(cluster.calls).toEqual([]);
});

test('why a cluster cannot be asked is said where no job says it', async () => {
  answer = { status: 503, body: '<html>' };
  writeFileSync(config, `modelPath: m\nbackend: flink\nflinkRestUrl: ${cluster.place}\n`);
  const { jobs, errors } = await readOtherFlinkJobs(config, []);
  expect([jobs, errors.length]).toEqual([[], 1]);
  expect(errors[0]).toContain(cluster.place);
  // The report of the job itself has it.
  expect(await readOtherFlinkJobs(config, [known('a')])).toEqual({ jobs: [], errors: [] });
});

test('one cluster that cannot be asked hides no job of another', async () => {
  answer = { body: { jobs: [listed('x')] } };
  writeFileSync(config, 'modelPath: m\nbackend: flink\nflinkRestUrl: 127.0.0.1:1\n');
  const { jobs, errors } = await readOtherFlinkJobs(config, [known('a')]);
  expect(jobs).toEqual([shown('x')]);
  expect(errors).toHaveLength(1);
});
