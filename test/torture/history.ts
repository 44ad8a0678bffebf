import type { Form, Verdict } from './generator.ts';

/** What is known of one record. Times are ms of the monotonic clock. */
export interface RecordHistory {
  readonly uri: string;
  readonly form: Form;
  readonly sentAt: number;
  /** Whether the service took it: "unknown" where the connection broke before the reply came. */
  accepted: 'yes' | 'no' | 'unknown' | 'pending';
  /** In the order in which they were read; each was removed before the next could be. */
  readonly answers: { readonly at: number; readonly verdict: Verdict }[];
  /** Why it was refused, where it was. */
  refusal?: string;
}

/** Something of others' that has to be as it was. */
export interface ForeignFact {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** What happened in one round. */
export interface History {
  readonly records: ReadonlyMap<string, RecordHistory>;
  /** A fault that takes the data of Redis with it: what was sent before may be gone. */
  readonly lossAt: number | undefined;
  /** The `uri`s of results that stand in Redis after all records were read. */
  readonly leftResults: readonly string[];
  readonly foreign: readonly ForeignFact[];
  /** Processes that ended and were not ended by the run. */
  readonly crashes: readonly string[];
}
