import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { configOfRedis, onePerRedis, configOfJob } from '../../../client/src/jobs/places.ts';
import type { JobReport } from '../../../schemas/jobEvents.ts';
import { aJob } from '../aJob.ts';

const config = (path: string, jobName = 'digits', redisPort = '6379') => ({
  path,
  jobName,
  modelPath: 'm',
  redisHost: 'localhost',
  redisPort,
  backend: 'embedded' as const,
  flinkRestUrl: 'localhost:8081',
  tuning: { batchSize: 64, threadPerModel: 1, modelParallelism: 1, coreNumberPerMachine: -1 },
  environment: [],
});

/** The job of the tests was started with /work/config.yaml. */
function startedOn(host: string): JobReport {
  const job = aJob();
  const workers = job.workers.map((worker) => ({
    ...worker,
    registration: { ...worker.registration, host },
  }));
  return { ...job, workers };
}

test('a job that was started here has its config here, whatever the workspace is', () => {
  expect(configOfJob(startedOn(hostname()), [])).toBe('/work/config.yaml');
});

test('a job of another machine has none here, unless the workspace holds the same one', () => {
  expect(configOfJob(startedOn('far'), [config('/other/config.yaml')])).toBeUndefined();
  expect(configOfJob(startedOn('far'), [config('/work/config.yaml', 'another')])).toBeUndefined();
  expect(configOfJob(startedOn('far'), [config('/work/config.yaml')])).toBe('/work/config.yaml');
});

test('the Redis of a job of another machine is found by any config of that Redis', () => {
  expect(configOfRedis(startedOn('far'), [config('/a', 'x', '1'), config('/b', 'y')])).toBe('/b');
});

test('each Redis is asked once', () => {
  expect(onePerRedis([config('/a'), config('/b', 'y'), config('/c', 'z', '7000')])).toEqual(['/b', '/c']);
});
