import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { FlinkJobRecord, Registration } from '../../../../schemas/jobEvents.ts';
import { stateFolderPath } from './stateFolderPath.ts';

/** A worker that was started on this machine, and the Redis that it serves from. */
export interface JobRecord extends Registration {
  readonly redis: { readonly host: string; readonly port: number };
}

/** A job that was submitted from this machine to a Flink cluster. */
export interface FlinkStateRecord extends FlinkJobRecord {
  readonly redis: { readonly host: string; readonly port: number };
}

/** What this machine remembers of the jobs that it started: logs, our own Redis and Flink, and one small file for each
 *  worker and each job on Flink, so that a job can be found and stopped when Redis is away. */
export interface StateFolder {
  readonly path: string;
  logFile(jobName: string, workerId: string): string;
  /** Logs of workers of this job, the newest first, also of those that have ended. */
  oldLogs(jobName: string): string[];
  /** Removes the oldest logs of a job's ended workers. */
  dropOldLogs(jobName: string): void;
  redisFolder(port: number): string;
  flinkFolder(restPort: number): string;
  flinkJobs(): FlinkStateRecord[];
  saveFlinkJob(job: FlinkStateRecord): void;
  forgetFlinkJob(jobId: string): void;
  jobs(): JobRecord[];
  saveJob(job: JobRecord): void;
  forgetJob(workerId: string): void;
}

/** @throws ServingError "state-unwritable" */
export function openStateFolder(path = stateFolderPath()): StateFolder {
  const jobsFolder = join(path, 'jobs');
  try {
    mkdirSync(jobsFolder, { recursive: true });
    mkdirSync(join(path, 'logs'), { recursive: true });
    accessSync(jobsFolder, constants.W_OK);
  } catch (error) {
    throw new ServingError(
      'state-unwritable',
      `The state folder ${path} cannot be written: ${messageOf(error)}. Set CLUSTER_SERVING_STATE to a folder that can.`,
      { cause: error },
    );
  }
  const jobFile = (workerId: string) => join(jobsFolder, `${workerId}.json`);
  const flinkFile = (jobId: string) => join(jobsFolder, `${jobId}.flink`);
  const write = (file: string, job: object) => {
    try {
      writeFileSync(file, JSON.stringify(job, null, 2));
    } catch (error) {
      rmSync(file, { force: true });
      throw unwritable(file, error);
    }
  };
  const logFolder = join(path, 'logs');
  const oldLogs = (jobName: string) =>
    readdirSync(logFolder)
      .filter((name) => name.startsWith(`${fileNameOf(jobName)}.`) && name.endsWith('.log'))
      .map((name) => join(logFolder, name))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const read = <T>(ending: string, isWhole: (job: Partial<T>) => boolean) =>
    readdirSync(jobsFolder)
      .filter((name) => name.endsWith(ending))
      .flatMap((name) => readRecord<T>(join(jobsFolder, name), isWhole));
  return {
    path,
    logFile: (jobName, workerId) => join(logFolder, `${fileNameOf(jobName)}.${workerId}.log`),
    oldLogs,
    dropOldLogs(jobName) {
      const inUse = new Set(this.jobs().map(({ logFile }) => logFile));
      const ended = oldLogs(jobName).filter((file) => !inUse.has(file));
      for (const file of ended.slice(keptLogs))
        for (const part of [file, `${file}.1`]) rmSync(part, { force: true });
    },
    redisFolder: (port) => join(path, `redis-${port}`),
    flinkFolder: (restPort) => join(path, `flink-${restPort}`),
    flinkJobs: () =>
      read<FlinkStateRecord>('.flink', (job) => Boolean(job.jobId && job.jobName && job.redis)),
    saveFlinkJob: (job) => {
      write(flinkFile(job.jobId), job);
    },
    forgetFlinkJob: (jobId) => {
      rmSync(flinkFile(jobId), { force: true });
    },
    jobs: () =>
      read<JobRecord>('.json', (job) => Boolean(job.workerId && job.jobName && job.redis && job.pid)),
    saveJob: (job) => {
      write(jobFile(job.workerId), job);
    },
    forgetJob: (workerId) => {
      rmSync(jobFile(workerId), { force: true });
    },
  };
}

/** A file of the state folder that the system refuses, for instance because the disk is full. */
export function unwritable(file: string, error: unknown): ServingError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
  const why = isFull ? 'the disk is full. Make room' : `${messageOf(error)}. Correct that`;
  return new ServingError(
    'state-unwritable',
    `${file} cannot be written: ${why}, or set CLUSTER_SERVING_STATE to a folder that can be written.`,
    { cause: error },
  );
}

/** Logs of ended workers that a job keeps, as the newest tell why something failed. */
const keptLogs = 10;

/** A half-written or foreign file is no job. */
function readRecord<T>(file: string, isWhole: (job: Partial<T>) => boolean): T[] {
  try {
    const job = JSON.parse(readFileSync(file, 'utf8')) as Partial<T>;
    return isWhole(job) ? [job as T] : [];
  } catch {
    return [];
  }
}

/** A job name may hold any letter; a file name may not. What comes out holds no dot, which ends it in a log's name. */
function fileNameOf(jobName: string): string {
  return encodeURIComponent(jobName).replace(/[.*]/g, '_').slice(0, 100);
}
