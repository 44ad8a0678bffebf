import type { InferenceCounts, ReloadReport, TimedCount } from '../../../../schemas/jobEvents.ts';
import type { Choice } from '../../../../schemas/rollout.ts';
import type { ModelFacts } from '../../ask/prepare.ts';
import type { Asked } from '../predict/predictor.ts';
import type { Check } from '../watch/readiness.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';

/** The way to a job's model: through Redis, or without a detour in the worker that this frontend is a part of. What a
 *  client sees of a frontend does not depend on it. */
export interface Reach {
  /** What is known of the model now; undefined while no worker is ready, or none reports it.
   *  @param choice  of the version, where two are served; without it, the one that is not in a rollout */
  model(choice?: Choice): ModelFacts | undefined;
  /** Names of the classes of the model's outputs, by output. */
  labels(choice?: Choice): Readonly<Record<string, readonly string[]>>;
  /** Whether the job can be asked, and what else is worth knowing. */
  checks(): readonly Check[];
  /** Why the job cannot be asked at all now, if so. */
  refusal(): string | undefined;
  /** Lets the job serve what its config and its model's files say now. @returns what became of it, by worker
   *  @throws ServingError "not-supported", "reload-unanswered", "job-failed", "redis-…" */
  reload(): Promise<readonly ReloadReport[]>;
  /** What each worker that can be asked has run and answered; empty where none reports it. */
  inferences(): readonly WorkerInferences[];
  /** Records that wait before a new one. */
  waiting(): number;
  /** Begins to ask for a prediction of each record.
   *  @throws ServingError "record-undecodable" or "input-mismatch", or "redis-…" where the secret of encrypted images
   *    cannot be read: then nothing was begun */
  ask(records: readonly SentRecord[], request: AskOptions): readonly Asked[] | Promise<readonly Asked[]>;
}

export interface WorkerInferences extends InferenceCounts {
  /** Of the queue's records, how long each had waited. */
  readonly queueWait: TimedCount;
}

export interface SentRecord {
  /** What the record is called in the queue and in logs. */
  readonly uri: string;
  /** How the asker's protocol names the record, such as `instances[0]`. */
  readonly place: string;
  readonly inputs: RecordInputs;
}

export interface AskOptions {
  /** In ms, by the monotonic clock. */
  readonly deadline: number;
  /** The trace that the request names, if it does. */
  readonly traceparent?: string | undefined;
  /** Of the version, where two are served: all records of a request are answered by one. */
  readonly choice: Choice;
  /** The JSON that a single record was read from, if it was. */
  readonly text: string | undefined;
}
