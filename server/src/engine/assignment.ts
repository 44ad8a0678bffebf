import type { Backend, EngineMessage, Registration, ReloadRequest } from '../../../schemas/jobEvents.ts';
import type { WorkerJob } from '../../../schemas/workerJob.ts';
import type { HttpWithin, WorkerSide } from '../http/withinWorker.ts';
import type { ResolvedModel } from '../model/resolveModel.ts';
import type { WorkerQueue } from '../queue/recordQueue.ts';
import type { Tracing } from '../tracing/spans.ts';
import type { Log } from './log.ts';
import type { Target, TargetSource } from './reload/target.ts';
import type { Signals, StopSwitch } from './stopSwitch.ts';
import type { VitalSigns } from './vitalSigns.ts';

export interface WorkerOptions {
  readonly workerId: string;
  readonly logFile: string;
  /** The bundle of modelWorker.ts. */
  readonly modelWorkerFile: string;
  /** The bundle of imageWorker.ts. */
  readonly imageWorkerFile: string;
  readonly log: Log;
  /** Where traces are exported. */
  readonly tracing?: Tracing | undefined;
  /** Of the process that stands for the worker: it is stopped by a signal to that. */
  readonly pid: number;
  readonly report: (message: EngineMessage) => void;
  /** Called once with what stops the worker, and with what SIGHUP does. */
  readonly onStoppable: (signals: Signals) => void;
  /** Whether the terminal that the worker was started in has gone. */
  readonly hasLostTerminal?: () => boolean;
  /** Answers HTTP in this process, where the job is to. */
  readonly serveHttp?: ((worker: WorkerSide) => Promise<HttpWithin>) | undefined;
}

/** What a worker serves, and where. */
export interface Assignment {
  readonly job: WorkerJob;
  readonly backend: Backend;
  readonly model: ResolvedModel;
  readonly queue: WorkerQueue;
  /** A failure is left in the registration though the worker was never ready: who started it looks there. */
  readonly leavesFailure: boolean;
  /** Given where what is served may be exchanged. */
  readonly reloads?: Reloads | undefined;
}

export interface Reloads {
  readonly source: TargetSource;
  /** What the worker begins with. */
  readonly first: Target;
  /** Records that wait or are in flight. */
  readonly backlog: () => Promise<number>;
}

/** What a running worker is: as it is registered, how it shows that it lives, and how it is stopped. */
export interface Life {
  readonly registration: Registration;
  readonly signs: VitalSigns;
  readonly stopping: StopSwitch;
  /** Sets what a reload that is asked for in Redis does. */
  readonly onReloadAsked: (reload: (request: ReloadRequest) => void) => void;
}
