import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportJobs } from '../../../../server/src/jobs/watch/knownRedis.ts';
import { openStateFolder, type JobRecord } from '../../../../server/src/jobs/machine/stateFolder.ts';
import { freePort } from '../../../support/redis.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  vi.stubEnv('CLUSTER_SERVING_STATE', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function writeLog(jobName: string, workerId: string, age: number): string {
  const file = openStateFolder().logFile(jobName, workerId);
  writeFileSync(file, '');
  utimesSync(file, 1_000_000 - age, 1_000_000 - age);
  return file;
}

test('the logs of a job are not those of another whose name begins alike', () => {
  const mine = writeLog('serving', 'host-1', 1);
  writeLog('serving-two', 'host-2', 0);
  writeLog('serving.two', 'host-3', 0);
  expect(openStateFolder().oldLogs('serving')).toEqual([mine]);
});

test('old logs are dropped, but not that of a worker that is known, nor those of another job', () => {
  const state = openStateFolder();
  const files = Array.from({ length: 14 }, (_, age) => writeLog('serving', `host-${age}`, age));
  const other = writeLog('other', 'host-1', 99);
  state.saveJob({ ...worker('host-13', 1), logFile: files[13] as string });
  state.dropOldLogs('serving');
  expect(files.filter((file) => !existsSync(file)).map((file) => basename(file))).toEqual([
    basename(files[10] as string),
    basename(files[11] as string),
    basename(files[12] as string),
  ]);
  expect(existsSync(other)).toBe(true);
});

test('of workers that all died with their Redis, only the newest is listed', async () => {
  const port = await freePort();
  const state = openStateFolder();
  for (let i = 0; i < 5; i++)
    state.saveJob({ ...worker(`host-${i}`, i), redis: { host: '127.0.0.1', port } });
  const [report] = await reportJobs(join(folder, 'config.yaml'));
  expect(report?.jobs).toHaveLength(1);
  expect(report?.jobs[0]?.workers.map(({ registration }) => registration.workerId)).toEqual(['host-4']);
});

test('ids from Redis lead to no file outside of the folder', () => {
  const state = openStateFolder();
  const victim = join(folder, 'victim');
  for (const ending of ['.json', '.flink']) writeFileSync(`${victim}${ending}`, '{}');
  state.forgetJob('../victim');
  state.forgetFlinkJob('../victim');
  state.forgetJob('\ud800');
  expect(existsSync(`${victim}.json`) && existsSync(`${victim}.flink`)).toBe(true);
  state.saveJob(worker('../../escaped', 1));
  expect(readdirSync(join(folder, 'jobs'))).toHaveLength(1);
  expect(state.jobs()).toHaveLength(1);
  state.forgetJob('../../escaped');
  expect(state.jobs()).toEqual([]);
});

test('only whole files below the folder of logs are logs, wherever links lead', () => {
  const state = openStateFolder();
  const log = writeLog('serving', 'host-1', 1);
  const secret = join(folder, 'secret');
  writeFileSync(secret, '');
  const link = join(folder, 'logs', 'link.log');
  symlinkSync(secret, link);
  mkdirSync(join(folder, 'logs-of-others'));
  const beside = join(folder, 'logs-of-others', 'a.log');
  writeFileSync(beside, '');
  expect(state.isLog(log)).toBe(true);
  for (const file of [
    secret,
    link,
    beside,
    '/etc/passwd',
    join(log, '..', '..', 'secret'),
    join(folder, 'logs'),
    '',
    '\0',
  ])
    expect(state.isLog(file), file).toBe(false);
});

const modeOf = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o777;

test('what lies in the folder is for its user only, also what an earlier version left open', () => {
  chmodSync(folder, 0o755);
  for (const name of ['jobs', 'logs', 'redis-6379', 'flink-8081'])
    mkdirSync(join(folder, name), { mode: 0o755 });
  for (const name of ['jobs/a.json', 'logs/a.log', 'redis-6379/redis.conf'])
    writeFileSync(join(folder, name), '', { mode: 0o644 });
  const state = openStateFolder();
  state.saveJob(worker('host-1', 1));
  for (const path of ['.', 'jobs', 'logs', 'redis-6379', 'flink-8081'])
    expect(modeOf(path), path).toBe(0o700);
  for (const path of ['jobs/a.json', 'jobs/host-1.json', 'logs/a.log', 'redis-6379/redis.conf'])
    expect(modeOf(path), path).toBe(0o600);
});

test('a folder that holds other things, too, keeps its mode, and they theirs', () => {
  writeFileSync(join(folder, 'notes.txt'), '', { mode: 0o644 });
  chmodSync(folder, 0o755);
  openStateFolder();
  expect([modeOf('.'), modeOf('notes.txt'), modeOf('jobs')]).toEqual([0o755, 0o644, 0o700]);
});

test('what a link in the folder leads to keeps its mode', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  writeFileSync(join(elsewhere, 'a.log'), '', { mode: 0o644 });
  chmodSync(elsewhere, 0o755);
  symlinkSync(elsewhere, join(folder, 'logs'));
  openStateFolder();
  expect(statSync(elsewhere).mode & 0o777).toBe(0o755);
  expect(statSync(join(elsewhere, 'a.log')).mode & 0o777).toBe(0o644);
  rmSync(elsewhere, { recursive: true });
});

function worker(workerId: string, startedAt: number): JobRecord {
  return {
    workerId,
    jobName: 'serving',
    backend: 'embedded',
    host: hostname(),
    pid: 2 ** 22 + 1,
    configPath: join(folder, 'gone.yaml'),
    configDigest: '',
    logFile: join(folder, 'gone.log'),
    startedAt,
    redis: { host: '127.0.0.1', port: 1 },
  };
}
