import {
  accessSync,
  chmodSync,
  lstatSync,
  constants,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { FlinkJobRecord, Registration } from '../../../../schemas/jobEvents.ts';
import { stateFolderPath } from './stateFolderPath.ts';

/** A worker that was started on this machine, and where its queue is. */
export interface JobRecord extends Registration {
  /** With Kafka its first broker. */
  readonly redis: HostPort;
  /** As reports say it, where it is no Redis. */
  readonly store?: string;
}

/** Where the queue of a job is, as reports say it. */
export function storeOf({ redis, store }: Pick<JobRecord, 'redis' | 'store'>): string {
  return store ?? `${redis.host}:${redis.port}`;
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
  /** Whether a file is one of the logs here, wherever links lead. Anyone who can write to Redis can name any file there. */
  isLog(file: string): boolean;
  /** Logs of workers of this job, the newest first, also of those that have ended. */
  oldLogs(jobName: string): string[];
  /** Removes the oldest logs of a job's ended workers. */
  dropOldLogs(jobName: string): void;
  redisFolder(port: number): string;
  flinkFolder(restPort: number): string;
  /** What workers on Flink run on, as it is sent to clusters. */
  readonly flinkProgram: string;
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
  const logFolder = join(path, 'logs');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const folder of [jobsFolder, logFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeToOthers(path);
    accessSync(jobsFolder, constants.W_OK);
  } catch (error) {
    throw new ServingError(
      'state-unwritable',
      `The state folder ${path} cannot be written: ${messageOf(error)}. Set CLUSTER_SERVING_STATE to a folder that can.`,
      { cause: error },
    );
  }
  const jobFile = (workerId: string) => join(jobsFolder, `${fileSafe(workerId)}.json`);
  const flinkFile = (jobId: string) => join(jobsFolder, `${fileSafe(jobId)}.flink`);
  const write = (file: string, job: object) => {
    try {
      writeFileSync(file, JSON.stringify(job, null, 2), { mode: 0o600 });
    } catch (error) {
      rmSync(file, { force: true });
      throw unwritable(file, error);
    }
  };
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
    isLog(file) {
      try {
        const real = realpathSync(file);
        return real.startsWith(realpathSync(logFolder) + sep) && statSync(real).isFile();
      } catch {
        return false;
      }
    },
    oldLogs,
    dropOldLogs(jobName) {
      const inUse = new Set(this.jobs().map(({ logFile }) => logFile));
      const ended = oldLogs(jobName).filter((file) => !inUse.has(file));
      const names = readdirSync(logFolder);
      // With the older files of it, and with what else its worker wrote.
      for (const file of ended.slice(keptLogs))
        for (const name of names)
          if (name === basename(file) || name.startsWith(`${basename(file)}.`))
            rmSync(join(logFolder, name), { force: true });
    },
    redisFolder: (port) => join(path, `redis-${port}`),
    flinkFolder: (restPort) => join(path, `flink-${restPort}`),
    flinkProgram: join(path, 'flink-program'),
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

/** Where a worker that answers HTTP logs its requests, beside its own log. */
export function httpLogOf(logFile: string): string {
  return `${logFile}.http`;
}

/** Where goes what the model and its libraries print. */
export function outputLogOf(logFile: string): string {
  return `${logFile}.out`;
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

/** How many logs of ended workers a job keeps: the newest show why something failed. */
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
  return fileSafe(jobName).replace(/[.*]/g, '_').slice(0, 100);
}

/** Any text as one name of a file: ids come from Redis, too, and may hold `../`, or halves of letters. */
function fileSafe(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).slice(0, 200);
}

/** What lies in a state folder: its own records and logs, a Redis or Flink that was started from here, and installed
 *  runtimes. */
const closedFolders = /^(?:jobs|logs|runtimes|flink-program|(?:redis|flink)-\d+)$/;

/** The logs hold names of records, the folder of a started Redis its data and its password: they are private. What an
 *  earlier version left open is closed. A folder that holds other things besides keeps its own mode: it may be anyone's. */
function closeToOthers(folder: string): void {
  // Windows has no such modes; there the folder lies in the user's own.
  if (process.platform === 'win32') return;
  const names = readdirSync(folder);
  const closed = names.filter((name) => closedFolders.test(name));
  if (closed.length === names.length) close(folder, 0o700);
  for (const name of closed) {
    // What a link leads to is not the state folder's own, whatever it is.
    if (lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    close(join(folder, name), 0o700);
    // The folders of Flink and of runtimes hold files of others, any number of them, behind their closed doors.
    if (name.startsWith('flink') || name === 'runtimes') continue;
    for (const entry of readdirSync(join(folder, name), { withFileTypes: true }))
      if (entry.isFile()) close(join(folder, name, entry.name), 0o600);
  }
}

function close(path: string, mode: number): void {
  try {
    const { mode: current } = lstatSync(path);
    if ((current & 0o777 & ~mode) !== 0) chmodSync(path, mode);
  } catch (error) {
    // A log may be moved aside, or a job be forgotten, meanwhile; what is another user's cannot be changed.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EPERM') throw error;
  }
}
