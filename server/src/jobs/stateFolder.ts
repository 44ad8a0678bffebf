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
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { Registration } from '../../../schemas/jobEvents.ts';

/** A worker that was started on this machine, and the Redis that it serves from. */
export interface JobRecord extends Registration {
  readonly redis: { readonly host: string; readonly port: number };
}

/** What this machine remembers of the jobs that it started: logs, our own Redis, and one small file for each worker, so
 *  that a job can be found and stopped when Redis is away. */
export interface StateFolder {
  readonly path: string;
  logFile(jobName: string, workerId: string): string;
  /** Logs of workers of this job, the newest first, also of those that have ended. */
  oldLogs(jobName: string): string[];
  redisFolder(port: number): string;
  jobs(): JobRecord[];
  saveJob(job: JobRecord): void;
  forgetJob(workerId: string): void;
}

/** `CLUSTER_SERVING_STATE`, else the platform's place for state. */
export function stateFolderPath(env: NodeJS.ProcessEnv = process.env): string {
  if (env.CLUSTER_SERVING_STATE) return env.CLUSTER_SERVING_STATE;
  if (process.platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'cluster-serving');
  return join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'cluster-serving');
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
  return {
    path,
    logFile: (jobName, workerId) => join(path, 'logs', `${fileNameOf(jobName)}-${workerId}.log`),
    oldLogs: (jobName) =>
      readdirSync(join(path, 'logs'))
        .filter((name) => name.startsWith(`${fileNameOf(jobName)}-`) && name.endsWith('.log'))
        .map((name) => join(path, 'logs', name))
        .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs),
    redisFolder: (port) => join(path, `redis-${port}`),
    jobs: () =>
      readdirSync(jobsFolder)
        .filter((name) => name.endsWith('.json'))
        .flatMap((name) => readJob(join(jobsFolder, name))),
    saveJob: (job) => {
      try {
        writeFileSync(jobFile(job.workerId), JSON.stringify(job, null, 2));
      } catch (error) {
        throw new ServingError(
          'state-unwritable',
          `${jobFile(job.workerId)} cannot be written: ${messageOf(error)}`,
          { cause: error },
        );
      }
    },
    forgetJob: (workerId) => {
      rmSync(jobFile(workerId), { force: true });
    },
  };
}

/** A half-written or foreign file is no job. */
function readJob(file: string): JobRecord[] {
  try {
    const job = JSON.parse(readFileSync(file, 'utf8')) as Partial<JobRecord>;
    return job.workerId && job.jobName && job.redis && job.pid ? [job as JobRecord] : [];
  } catch {
    return [];
  }
}

/** A job name may hold any letter; a file name may not. */
function fileNameOf(jobName: string): string {
  return encodeURIComponent(jobName).replace(/[.*]/g, '_').slice(0, 100);
}
