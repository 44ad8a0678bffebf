import type { SecretKind, SecretPair } from '../../../schemas/encryption.ts';
import type { EarlyBeat, Heartbeat, Registration, ReloadRequest } from '../../../schemas/jobEvents.ts';

/** Where records wait and results go. The engine sees only this, so that another store (Kafka) can stand behind it.
 *  It belongs here: taking, answering, giving up, staying the owner of the records in flight.
 *  It does not: what a record means (the codec) and when to take (the engine). */
export interface RecordQueue {
  /** Makes the queue ready to be read, and answers nothing by itself. @throws ServingError "redis-…" or "kafka-…" */
  open(): Promise<void>;

  /** The next records, first what a dead worker left; [] when nothing came within `waitMs`.
   *  Survives a lost, frozen or restarted store by itself and then answers []. Only one call at a time.
   *  @param max  at most this many; fewer where they are large */
  take(max: number, waitMs: number): Promise<QueuedRecord[]>;

  /** Makes a `take` that waits answer at once, without losing what it may just be given. */
  wake(): Promise<void>;

  /** Writes the answers and acknowledges their records; waits a store out that is away. In Redis that is one transaction, and a
   *  record that another worker has answered meanwhile is left alone. In Kafka the results are written first, and the offsets
   *  committed soon after. */
  finish(answers: readonly Answer[]): Promise<void>;

  /** Notes which records the model has from now on, so that a death of the worker counts for these only. Resolves when the
   *  model may be given them. Records that were never left behind by a worker before cost no round trip.
   *  @param records  all that the model has, also those of earlier runs that go on
   *  @param amongOthers  the model may have what the queue does not know: a death counts against no record then */
  noteRunning(records: readonly QueuedRecord[], amongOthers?: boolean): Promise<void>;

  /** Reports that this worker lives and still works on its records in flight. */
  keepAlive(): Promise<void>;

  /** The store's time, in ms since 1970: deadlines of records go by it, whatever this machine's clock says. */
  now(): number;

  /** Frees what every consumer group has acknowledged. */
  trim(): Promise<void>;

  /** Ends the connections; records in flight stay pending and are taken over by another worker. */
  close(): Promise<void>;
}

/** When a record or a request came how far, in ms by the monotonic clock. */
export interface RecordTimes {
  takenAt?: number;
  decodedAt?: number;
  runAt?: number;
  ranAt?: number;
  /** How many shared its last run. */
  batchRecords?: number;
}

/** What others ask a worker for. */
export interface Asked {
  readonly stop: boolean;
  readonly reload?: ReloadRequest | undefined;
}

/** What a store shows of a worker to everybody who sees the store. */
export interface WorkerStore {
  /** Says that the worker lives; what the store has lost of it is there again.
   *  @param heartbeat  undefined before the first
   *  @returns what the worker was asked for since the last time */
  renew(registration: Registration, heartbeat: Heartbeat | EarlyBeat | undefined): Promise<Asked>;

  /** Leaves the reason why the worker ended by itself. */
  fail(registration: Registration, failure: string): Promise<void>;

  /** Forgets the worker, which has ended. */
  forget(workerId: string): Promise<void>;

  /** The secret that was put into the store; undefined while there is none. @throws ServingError "redis-…" */
  readSecret(kind: SecretKind): Promise<SecretPair | undefined>;

  /** Whether clients cannot put anything in for want of memory. */
  isFull(): Promise<boolean>;

  /** How far this machine's clock is ahead of the store's, in ms. */
  readonly clockAheadMs: number;
}

/** All that a worker needs of a store. */
export interface WorkerQueue extends RecordQueue, WorkerStore {
  /** Connections made in place of lost ones. */
  readonly reconnects: number;
  readonly takenOver: number;
}

/** What may change while the queue is open. */
export interface QueueSettings {
  /** After how long without a sign of life a record is taken from its owner. */
  readonly claimIdleMs: number;
  /** 0: results are kept until a client removes them. In Kafka the topic of results has its own retention. */
  readonly resultTtlSeconds: number;
}

/** The queue of a worker that may reload. */
export interface TunedQueue extends WorkerQueue {
  /** What counts from now on. */
  apply(settings: QueueSettings): void;
  /** Records that wait or are in flight. @throws ServingError "redis-…" or "kafka-…" */
  backlog(): Promise<number>;
}

export interface QueuedRecord {
  readonly id: string;
  /** When the client put it in, in ms since 1970, by the store's clock; now, if the client chose an id that is no time. */
  readonly enqueuedAt: number;
  /** The client's name for the record; undefined if the record has none. */
  readonly uri: string | undefined;
  /** Bytes where it is of the typed form. Dropped by who has decoded it: kept until the answer is written, it would be most
   *  of what the garbage collector carries along. */
  data: string | Buffer | undefined;
  readonly serde: string | undefined;
  /** The result is wanted in the typed form. */
  readonly wantsTyped: boolean;
  /** The deadline of the answer, in ms since 1970 by the store's clock; undefined if the client has set none. */
  readonly deadline: number | undefined;
  /** How many requests of an HTTP frontend share it; 1 for any other. */
  readonly sharedBy: number;
  /** Of the model, where a frontend has chosen it. */
  readonly version?: string;
  /** The traces that it belongs to, with commas between them. */
  readonly traceparent?: string;
  /** Where it was when, for its spans; only with traces. */
  times?: RecordTimes;
  /** How often the record was handed out, this time included. */
  readonly deliveries: number;
  /** How many workers died, or hung, while the model had the record and no other; fewer where workers have lately died so
   *  with records that were not the cause. */
  readonly deaths: number;
  /** A record that the model had when a worker died is to be run while nothing else is in flight: if it kills the next worker,
   *  too, it takes no other record with it, and no other is suspected. */
  readonly alone: boolean;
}

export interface Answer {
  readonly record: QueuedRecord;
  /** What the client reads; undefined where the deadline has passed: then the record is acknowledged and no result is
   *  written, since it would stay for ever. */
  readonly value: string | Buffer | undefined;
  /** Set when the record is given up: it is also kept as a dead letter with this reason, unless requests share it; these
   *  are sent again, each by itself, and only the failure of one of those is kept. */
  readonly reason?: string;
}
