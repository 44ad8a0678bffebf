/** What a run of `bench` found. Durations are in ms. */
export interface BenchReport {
  /** Of this form; another number is another form. */
  readonly version: 1;
  /** When it began: ms since 1970. */
  readonly at: number;
  readonly jobName: string;
  readonly load: LoadFacts;
  readonly steps: readonly StepReport[];
}

/** What two runs must have in common to be compared. */
export interface LoadFacts {
  readonly way: 'queue' | 'http';
  /** What was sent, for people. */
  readonly payload: string;
  /** Of one record, as it was sent. */
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly warmUpSeconds: number;
}

/** `concurrency`: this many requests are always under way, each followed by the next. `rate`: this many are sent each second,
 *  whatever becomes of them. */
export interface Step {
  readonly kind: 'concurrency' | 'rate';
  readonly value: number;
}

export interface StepReport extends Step {
  /** Answered within the measured time, per second. */
  readonly perSecond: number;
  /** Those answered. */
  readonly requests: number;
  /** Of those answered; for a rate from the time at which a request was to be sent. Absent where there are none. */
  readonly latencyMs?: LatencyReport;
  /** How many were not answered, by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** For a rate: how late requests were sent, which is this machine's fault and part of their latency. */
  readonly sentLateMs?: LatencyReport;
  /** The same measured time in parts, from which the noise is known. */
  readonly parts: readonly PartReport[];
  /** What the workers of the job counted meanwhile, where they report it. */
  readonly stages?: StageMeans;
}

export interface LatencyReport {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface PartReport {
  readonly perSecond: number;
  readonly p50?: number;
  readonly p99?: number;
}

/** Means: of `queueWait` and `decode` for a record, of `inference` for a batch, of `write` for a write of answers. */
export interface StageMeans {
  readonly queueWait?: number;
  readonly decode?: number;
  readonly inference?: number;
  readonly write?: number;
}
