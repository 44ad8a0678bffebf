import type { Redis } from 'ioredis';
import { messageOf } from '../../../schemas/errors.ts';
import type { JobEvent, JobReport } from '../../../schemas/jobEvents.ts';
import { addressText, type RedisAddress } from '../queue/connectRedis.ts';
import { readJobReports } from '../queue/jobReports.ts';
import { createRedisLink } from '../queue/redisLink.ts';
import { isGone } from './knownRedis.ts';

export interface WatchOptions {
  readonly address: RedisAddress;
  readonly intervalMs: number;
  readonly emit: (event: JobEvent) => void;
  readonly signal: AbortSignal;
}

const maxBackOffMs = 30_000;

/** Tells of every change of a Redis's jobs until aborted. While Redis is away it asks less and less often. */
export async function watchJobs({ address, intervalMs, emit, signal }: WatchOptions): Promise<void> {
  const redis = addressText(address);
  const link = createRedisLink(address);
  const known = new Map<string, string>();
  let error: string | null | undefined;
  let waitMs = intervalMs;
  while (!signal.aborted) {
    try {
      tell(await link.run((connection: Redis) => readJobReports(connection, redis, isGone)));
      waitMs = intervalMs;
      if (error !== null) emit({ event: 'redis', at: Date.now(), redis, error: null });
      error = null;
    } catch (thrown) {
      const message = messageOf(thrown);
      if (error !== message) emit({ event: 'redis', at: Date.now(), redis, error: message });
      error = message;
      waitMs = Math.min(maxBackOffMs, waitMs * 2);
    }
    await pause(waitMs, signal);
  }
  link.close();

  function tell(jobs: readonly JobReport[]): void {
    const at = Date.now();
    for (const job of jobs) {
      const text = JSON.stringify(job);
      if (known.get(job.jobName) === text) continue;
      known.set(job.jobName, text);
      emit({ event: 'job', at, job });
    }
    for (const jobName of known.keys()) {
      if (jobs.some((job) => job.jobName === jobName)) continue;
      known.delete(jobName);
      emit({ event: 'gone', at, jobName, redis });
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
