import type { FlinkJobRecord, JobReport, Registration } from '../../../schemas/jobEvents.ts';
import type { Store } from '../queue/store.ts';
import type { LoadedConfig } from '../workspace/loadConfig.ts';
import type { StateFolder } from './machine/stateFolder.ts';
import type { StartedJob, Starting, StartOptions } from './start/starting.ts';

/** What runs the models of jobs. One name of `backend` in a config is one of these; nothing else in the commands knows which
 *  there are. */
export interface Backend {
  /** Refuses options that mean nothing there, before anything is looked at. @throws ServingError "wrong-use" */
  requireSense(options: StartOptions): void;

  /** Sees that the job could run there, and gets ready what it needs beside Redis.
   *  @param undo  takes what was started @throws ServingError */
  check(options: StartOptions, parallelism: number, undo: Starting['undo']): Promise<Checked>;

  /** For `doctor`: the same without changing anything. @returns what was found, by what was looked at */
  diagnose(loaded: LoadedConfig): readonly Diagnosis[];

  /** Starts the job's workers and waits for their first warm inference. What is started is in `starting.undo` before it can
   *  fail. @throws ServingError */
  start(options: StartOptions, starting: Starting, parallelism: number): Promise<StartedWorkers>;

  /** Stops the given workers; each answers its records in flight. @throws ServingError "job-not-stopping" */
  stop(stop: StopRequest): Promise<StoppedJobs>;

  /** Adds to a report what others than Redis know of the job. */
  report(job: JobReport): Promise<JobReport>;

  /** Where the workers of a job log, and those that ran last where none is running.
   *  @param jobs  its reports: one for each Redis that has a job of the name */
  logs(jobName: string, jobs: readonly JobReport[], state: StateFolder): BackendLogs;

  /** Whether it can be seen from here at once that the process of a worker has gone. */
  isGone(registration: Registration): boolean;

  /** Where the job runs, for people. */
  placesOf(job: JobReport): readonly string[];

  /** Whether a start of the same config here adds a worker to a job that runs already. */
  joins(job: JobReport): boolean;
}

export interface Checked {
  /** A Flink cluster was started for the job. */
  readonly startedFlink: boolean;
}

export interface Diagnosis {
  readonly check: string;
  /** @throws ServingError with what is wrong */
  readonly look: () => Promise<string>;
}

export interface BackendLogs {
  /** On this machine, in the state folder. */
  readonly files: readonly string[];
  /** What others keep and are asked for. */
  readonly remote: readonly RemoteLog[];
}

export interface RemoteLog {
  /** What keeps it, for people. */
  readonly place: string;
  /** A page that may show more. */
  readonly page: string;
  /** The lines of each machine since it was read last; the first time all of them.
   *  @throws ServingError where it cannot be had now */
  readonly read: () => Promise<readonly string[][]>;
}

export type StartedWorkers = Pick<StartedJob, 'workers' | 'ended' | 'flinkJob' | 'sharing' | 'httpUrl'>;

export interface StopRequest {
  readonly state: StateFolder;
  /** undefined: Redis is away. */
  readonly store: Store | undefined;
  /** Those of this backend only. */
  readonly workers: readonly Registration[];
  readonly flinkJobs: readonly FlinkJobRecord[];
}

export interface StoppedWorker {
  readonly registration: Registration;
  /** It did not end in time and was killed; its records in flight go to another worker. */
  readonly forced: boolean;
  /** It had died before. */
  readonly wasDead: boolean;
}

export interface StoppedFlinkJob {
  readonly job: FlinkJobRecord;
  /** It had failed or been cancelled before, or its cluster is gone and no worker of it lives. */
  readonly wasDead: boolean;
}

export interface StoppedJobs {
  readonly workers: readonly StoppedWorker[];
  readonly flinkJobs: readonly StoppedFlinkJob[];
}
