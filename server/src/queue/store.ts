import type { SecretKind, SecretPair } from '../../../schemas/encryption.ts';
import type {
  FlinkJobRecord,
  FrontendBeat,
  FrontendReport,
  JobReport,
  QueueFigures,
  Registration,
  ReloadReport,
  ReloadWish,
} from '../../../schemas/jobEvents.ts';
import type {
  ChangeReport,
  DeadLetter,
  Page,
  PendingRecord,
  QueueReport,
  Undo,
  WaitingRecord,
} from '../../../schemas/redis/queueReports.ts';
import type { Program } from '../../../schemas/redis/redisRights.ts';
import type { Payload } from './payload.ts';
import type { PageRequest, StoredRecord } from './readQueue.ts';
import type { NewRecord } from './recordClient.ts';
import type { RedisClock } from './redis/redisClock.ts';
import type { MissingRight } from './redis/rights.ts';
import type { ServerFacts } from './redis/serverFacts.ts';
import type { ModelOfJob } from './registry/jobReports.ts';
import type { Starter, StartLock } from './registry/startLock.ts';
import type { BrokenEntry } from './registry/workerRegistry.ts';
import type { ResultWaiter, ResultWaiterOptions } from './resultWaiter.ts';
import type { Submittable, Submitter, SubmitterOptions } from './submitter.ts';

/* What other rooms see of the store that holds queues, results and the registry. `openStore` opens it; the engine has the
   interface `RecordQueue` beside it. No type of a client library is in here, so that another store can stand behind it. */

/** A connection that never reconnects by itself: the caller that opened it decides what a loss means, and closes it.
 *  Its methods throw what the store or the connection refuses. */
export interface Store {
  readonly registry: Registry;
  readonly queues: QueueAdmin;
  readonly records: RecordClient;
  readonly server: StoreServer;
  readonly secrets: SecretStore;
  close(): void;
}

/** Who serves: workers, jobs on Flink, HTTP frontends, and the locks of starts. Any program with the store can read and change
 *  it. */
export interface Registry {
  /** The workers that are known, dead ones too. Entries that are none are left out; see `readBrokenEntries`. */
  readRegistrations(): Promise<Registration[]>;
  /** Forgets a worker that has stopped, or that died and was taken note of. */
  unregister(workerId: string): Promise<void>;
  /** Asks a worker, on whatever machine, to stop. It looks once a second. */
  askToStop(workerId: string): Promise<void>;
  /** Asks a worker, on whatever machine, for a reload, for one step back, or for what concerns a rollout. It looks once a
   *  second. @param id  by which what came of it is found in its report */
  askToReload(workerId: string, wish: ReloadWish, id: string): Promise<void>;
  /** What came of the last reload of a worker; undefined before the first, and of one that is dead. */
  readReload(registration: Registration): Promise<ReloadReport | undefined>;
  /** Those of these workers that have sent a heartbeat just now, of whatever kind. */
  readLiving(workers: readonly Registration[]): Promise<Registration[]>;
  /** Whether the worker has been ready and lives. */
  isServing(registration: Registration): Promise<boolean>;
  /** What another program wrote into the registry, or left there half-written. */
  readBrokenEntries(): Promise<readonly BrokenEntry[]>;

  saveFlinkJob(record: FlinkJobRecord): Promise<void>;
  readFlinkJobs(): Promise<FlinkJobRecord[]>;
  forgetFlinkJob(jobId: string): Promise<void>;

  /** Says that a frontend lives. @returns whether it was asked to stop */
  beatFrontend(report: FrontendBeat): Promise<boolean>;
  forgetFrontend(frontendId: string): Promise<void>;
  /** Those that live. @param storeText  host:port, as reports say it */
  readFrontends(storeText: string): Promise<FrontendReport[]>;
  /** Asks a frontend, on whatever machine, to stop. It looks once a second. */
  askFrontendToStop(frontendId: string): Promise<void>;

  /** All jobs that are known, dead ones too, however long their queues are.
   *  @param storeText  host:port, as reports say it
   *  @param isDead  whether the process of a worker on this machine has gone, known sooner than its heartbeat expires */
  readJobReports(storeText: string, isDead: (registration: Registration) => boolean): Promise<JobReport[]>;
  /** What a job's model takes, as reported by a living worker; undefined while there is none. */
  readModel(jobName: string): Promise<ModelOfJob | undefined>;

  /** Takes the lock of a job's start and renews it until it is released.
   *  @returns who has it, where that is another: its text is for `breakStartLock` */
  takeStartLock(jobName: string, starter: Starter): Promise<StartLock | { readonly heldBy: string }>;
  /** Removes the lock of a start that has died, unless another has taken it meanwhile. */
  breakStartLock(jobName: string, heldBy: string): Promise<void>;
}

/** Looking into queues, and what people change in them by hand. What is read costs the same however long a queue is. */
export interface QueueAdmin {
  /** @param named  queues that are looked at although nothing may serve them */
  readQueueReports(storeText: string, named: readonly string[]): Promise<QueueReport[]>;
  readQueueFigures(jobName: string): Promise<QueueFigures>;
  /** Whether something reads the queue that is no registered worker, such as the original's engine. */
  hasForeignConsumer(jobName: string): Promise<boolean>;
  readWaitingPage(jobName: string, request: PageRequest): Promise<Page<WaitingRecord>>;
  readPending(jobName: string, request: PageRequest): Promise<Page<PendingRecord>>;
  readDeadLetters(jobName: string, request: PageRequest): Promise<Page<DeadLetter>>;
  readRecord(jobName: string, id: string): Promise<StoredRecord | undefined>;
  readWaiting(jobName: string, request: PageRequest): Promise<StoredRecord[]>;
  readPendingRecords(jobName: string, request: PageRequest): Promise<StoredRecord[]>;
  readDeadRecords(jobName: string, request: PageRequest): Promise<StoredRecord[]>;

  /** Puts dead letters back into the queue they came from. */
  requeue(jobName: string, ids: readonly string[]): Promise<ChangeReport>;
  requeueAll(jobName: string): Promise<ChangeReport>;
  /** Makes dead letters of records, whether they wait or a worker has them; their clients get NaN.
   *  @param resultTtlSeconds  how long that stays; 0 is until it is read */
  killRecords(jobName: string, ids: readonly string[], resultTtlSeconds: number): Promise<ChangeReport>;
  /** Takes a change back, as far as nothing has happened to its records since. The others are refused, each with the reason.
   *  @param resultTtlSeconds  as of `killRecords` */
  undo(jobName: string, undo: Undo, resultTtlSeconds: number): Promise<ChangeReport>;
  /** Forgets the records that no worker was given yet. @returns how many there were */
  clearWaiting(jobName: string): Promise<number>;
  /** @returns how many dead letters there were */
  clearDead(jobName: string): Promise<number>;
  /** How many results of a job are unread. It walks over everything in the store: only for an end that a person asks for. */
  countResults(jobName: string): Promise<number>;
}

/** What clients do: put records in, wait for exactly their own results. */
export interface RecordClient {
  /** Puts records in, in order. @returns their ids */
  putRecords(jobName: string, records: readonly NewRecord[]): Promise<readonly string[]>;
  /** Takes records back that no worker was given yet. @returns how many */
  takeBackRecords(jobName: string, ids: readonly string[]): Promise<number>;
  /** Waits for results and removes what it has read. @returns by uri what came within the time */
  takeResults(jobName: string, uris: readonly string[], deadlineMs: number): Promise<Map<string, Payload>>;
  /** Why a record was given up, if it is one of the newest dead letters. */
  readReason(jobName: string, uri: string): Promise<string | undefined>;
  /** Why records were given up, by uri, from the newest dead letters. */
  readReasons(jobName: string): Promise<Map<string, string>>;
}

/** The server behind the store, for those who start, check and end it. */
export interface StoreServer {
  readServerFacts(): Promise<ServerFacts>;
  /** The commands that these programs need and the user may not send. Nothing else may use the connection meanwhile. */
  missingRights(jobName: string, programs: readonly Program[]): Promise<readonly MissingRight[]>;
  /** How much it may hold; `maxBytes` 0 is no limit. @returns undefined where the user may not ask */
  readMemoryInfo(): Promise<{ readonly maxBytes: number; readonly policy: string } | undefined>;
  /** How far this machine's clock is ahead of the server's, in ms. */
  readClockAhead(): Promise<number>;
  /** Asks for the server's time and lets the clock take note. */
  setClock(clock: RedisClock): Promise<void>;
  /** Tries a write that changes nothing. @throws where any write would be refused */
  tryWrite(): Promise<void>;
  /** The process of the server; undefined where it does not say so. */
  readProcess(): Promise<number | undefined>;
  /** Lets clients that write wait, until `resumeWrites` or for this long. A server that refuses goes on. */
  pauseWrites(ms: number): Promise<void>;
  resumeWrites(): Promise<void>;
  /** How many keys are there, beside what a worker leaves that never served: an empty queue and its note. */
  countKeysOfOthers(jobName: string): Promise<number>;
  /** Ends the server. */
  shutDown(): Promise<void>;
}

/** The pairs that models and the images of records are decrypted with. */
export interface SecretStore {
  /** @returns undefined while the pair is not there as a whole */
  readSecret(kind: SecretKind): Promise<SecretPair | undefined>;
  writeSecret(kind: SecretKind, pair: SecretPair): Promise<void>;
}

/** A store whose connection is opened again whenever it is lost, silent or in doubt.
 *  What fails so is not repeated here: only its caller knows whether it may be. */
export interface StoreLink {
  /** Runs `use` on a live connection; drops the connection unless `use` settles within `deadlineMs`.
   *  @throws ServingError "redis-…": whatever the store or the connection refused, in a sentence */
  run<T>(use: (store: Store) => Promise<T>, deadlineMs?: number): Promise<T>;
  /** Writes records in batches, over this connection; large ones over another, which is closed with the link. */
  createSubmitter<T extends Submittable>(jobName: string, options: SubmitterOptions<T>): Submitter<T>;
  /** @param prefix  what the keys of results begin with */
  createResultWaiter(jobName: string, prefix: string, options: ResultWaiterOptions): ResultWaiter;
  close(): void;
}
