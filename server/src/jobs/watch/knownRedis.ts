import { existsSync } from 'node:fs';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { FrontendReport, JobReport } from '../../../../schemas/jobEvents.ts';
import { readConfig } from '../../config/readConfig.ts';
import { openStore } from '../../queue/openStore.ts';
import { readStoreText, storeText, type StoreAddress } from '../../queue/storeAddress.ts';
import { flinkReport, groupByJob } from '../../queue/registry/jobReports.ts';
import type { Registry } from '../../queue/store.ts';
import { completeReports, isGone, isStopped } from '../backends.ts';
import { loadStoreAddress } from '../loadJobAddress.ts';
import {
  openStateFolder,
  storeOf,
  type FlinkStateRecord,
  type JobRecord,
  type StateFolder,
} from '../machine/stateFolder.ts';

export interface KnownRedis {
  readonly addresses: readonly StoreAddress[];
  /** Why the current config does not say where its Redis is. Then no other is guessed. */
  readonly problem?: ServingError;
}

/** The known Redis servers: that of the current config, and those of the jobs that this
 *  machine started; without either, the one where the default config would look. */
export function knownRedis(state: StateFolder, configPath: string): KnownRedis {
  const found = new Map<string, StoreAddress>();
  const add = (path: string): ServingError | undefined => {
    try {
      const address = loadStoreAddress(path);
      found.set(storeText(address), address);
      return undefined;
    } catch (error) {
      if (error instanceof ServingError) return error;
      throw error;
    }
  };
  const problem = existsSync(configPath) ? add(configPath) : undefined;
  for (const job of [...state.jobs(), ...state.flinkJobs()]) {
    const text = storeOf(job);
    if (found.has(text)) continue;
    // A config that has become unreadable names no Redis; its job shows by its record.
    add(job.configPath);
    const recorded = readStoreText(text);
    if (!found.has(text) && recorded) found.set(text, recorded);
  }
  if (found.size === 0 && !problem) {
    const { redisUrl, redisTimeout } = readConfig('').origins;
    const address = { ...(redisUrl.value as HostPort), timeoutMs: redisTimeout.value as number };
    found.set(storeText(address), address);
  }
  return { addresses: [...found.values()], ...(problem ? { problem } : {}) };
}

export interface RedisReport {
  /** Absent where the current config does not say. */
  readonly redis?: string;
  /** Why this Redis could not be asked, or is not known. */
  readonly error?: string;
  readonly jobs: readonly JobReport[];
  readonly frontends: readonly FrontendReport[];
}

/** The jobs of every known Redis. */
export async function reportJobs(configPath: string): Promise<RedisReport[]> {
  const state = openStateFolder();
  const { addresses, problem } = knownRedis(state, configPath);
  const reports = await Promise.all(addresses.map((address) => reportRedis(state, address)));
  return problem ? [...reports, { error: problem.message, jobs: [], frontends: [] }] : reports;
}

/** The jobs of one Redis. When it is away, what this machine remembers of them. */
async function reportRedis(state: StateFolder, address: StoreAddress): Promise<RedisReport> {
  const redis = storeText(address);
  try {
    const store = await openStore(address);
    const { registry } = store;
    try {
      const [reports, frontends] = await Promise.all([
        registry.readJobReports(redis, isGone),
        registry.readFrontends(redis),
      ]);
      const jobs = await completeReports(reports);
      forgetStopped(state, redis, jobs);
      for (const job of jobs.filter(isStopped)) await forgetFlink(state, registry, job);
      return { redis, jobs: jobs.filter((job) => !isStopped(job)), frontends };
    } finally {
      store.close();
    }
  } catch (error) {
    const isHere = (job: JobRecord | FlinkStateRecord) => storeOf(job) === redis;
    const records = state.jobs().filter(isHere);
    const onFlink = reportFlinkRecords(state.flinkJobs().filter(isHere), redis, messageOf(error));
    return {
      redis,
      error: messageOf(error),
      jobs: [...reportRecords(records, redis, messageOf(error)), ...(await completeReports(onFlink))],
      frontends: [],
    };
  }
}

/** A worker that was stopped from another machine leaves its record here. */
function forgetStopped(state: StateFolder, redis: string, jobs: readonly JobReport[]): void {
  const known = new Set(
    jobs.flatMap(({ workers }) => workers.map(({ registration }) => registration.workerId)),
  );
  for (const job of state.jobs())
    if (storeOf(job) === redis && !known.has(job.workerId) && isGone(job)) state.forgetJob(job.workerId);
}

/** A job that was cancelled in Flink itself. */
async function forgetFlink(state: StateFolder, registry: Registry, job: JobReport): Promise<void> {
  for (const { jobId } of job.flinkJobs ?? []) {
    await registry.forgetFlinkJob(jobId);
    state.forgetFlinkJob(jobId);
  }
  for (const { registration } of job.workers) await registry.unregister(registration.workerId);
}

function reportFlinkRecords(records: readonly FlinkStateRecord[], redis: string, error: string): JobReport[] {
  return [...groupByJob(records)].map(([jobName, jobs]) => ({
    jobName,
    redis,
    backend: 'flink',
    state: 'failed',
    failure: `Its Redis cannot be asked. ${error}`,
    workers: [],
    queue: { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 },
    flinkJobs: jobs.map(flinkReport),
  }));
}

function reportRecords(records: readonly JobRecord[], redis: string, error: string): JobReport[] {
  return [...groupByJob(records)].map(([jobName, workers]) => ({
    jobName,
    redis,
    backend: workers[0]?.backend ?? 'embedded',
    state: 'failed',
    failure: workers.every(isGone) ? `The worker died. ${error}` : `The worker runs and waits. ${error}`,
    workers: livingOrNewest(workers).map((registration) => ({ registration })),
    queue: { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 },
  }));
}

/** Of a job whose workers have all died, again and again, the newest is enough to show why. */
function livingOrNewest(workers: readonly JobRecord[]): readonly JobRecord[] {
  const living = workers.filter((worker) => !isGone(worker));
  return living.length > 0 ? living : workers.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, 1);
}
