import type {
  FlinkJobRecord,
  Registration,
  SecretNeeded,
  SharingReport,
} from '../../../../schemas/jobEvents.ts';
import type { LogFormat } from '../../../../schemas/logs.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import type { Store } from '../../queue/store.ts';
import type { LoadedConfig } from '../../workspace/loadConfig.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import type { Programs } from '../programs.ts';
import type { UndoStep } from './undo.ts';

export interface StartOptions {
  readonly state: StateFolder;
  readonly loaded: LoadedConfig;
  readonly programs: Programs;
  readonly flink: FlinkStartOptions;
  /** Overrides threadPerModel. */
  readonly threads?: number | undefined;
  /** Set: this many workers are added, though the job may run already. */
  readonly workers?: number | undefined;
  /** Overrides the config's. */
  readonly logFormat?: LogFormat | undefined;
  /** How the worker answers HTTP; undefined leaves that to the config. */
  readonly http?: { readonly port: number | undefined; readonly options: readonly string[] } | undefined;
  /** The workers write to this terminal and end with this process. A start that meets another of its job waits for its turn:
   *  what starts the containers of a job starts them together. */
  readonly foreground: boolean;
  /** @param bytes  that are sent */
  readonly onStep: (step: string, bytes?: number) => void;
  /** Called with what works but may lose records, or digits of results. */
  readonly onWarning: (warning: string) => void;
  /** Called with what is missing before the model can be loaded; the start waits for it. */
  readonly onNeeds: (needs: SecretNeeded) => void;
  /** A start that would have to wait for the secret of its model fails instead. */
  readonly waits: boolean;
  /** Aborting takes back everything that was started. */
  readonly signal: AbortSignal;
}

export interface StartedJob {
  readonly jobName: string;
  readonly redis: string;
  readonly workers: readonly Registration[];
  /** Where a worker answers HTTP, if one does. */
  readonly httpUrl?: string;
  /** Whether records share runs, and why; on a Flink cluster that is found out later. */
  readonly sharing?: SharingReport;
  readonly startedRedis: boolean;
  /** A Flink cluster was started for the job. */
  readonly startedFlink: boolean;
  /** Where it runs, for the backend flink. */
  readonly flinkJob?: FlinkJobRecord;
  /** In the foreground: settles when all workers have ended, with the highest of their exit codes. */
  readonly ended: Promise<number>;
}

export interface FlinkStartOptions {
  /** The user's own, to be run in place of the built-in one. */
  readonly jar?: UserJar | undefined;
  /** Asked when nothing answers at a flinkRestUrl of this machine.
   *  @param can  whether there is a Flink to start */
  readonly mayStartCluster: (can: boolean) => Promise<boolean>;
}

/** The user's jar, for models that the built-in one cannot run. */
export interface UserJar {
  readonly file: string;
  readonly entryClass: string;
}

/** What a start that is under way gives to its parts. */
export interface Starting {
  readonly store: Store;
  readonly address: StoreAddress;
  /** Taken back in reverse order when the start fails or is cancelled. */
  readonly undo: UndoStep[];
  /** @throws ServingError "job-failed" once the start is cancelled */
  readonly check: () => void;
}
