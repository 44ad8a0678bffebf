import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportJobs } from '../../../../server/src/jobs/knownRedis.ts';
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
