import type { JobReport, Percentiles } from '../../../../schemas/jobEvents.ts';

/** What the monitor draws: the jobs at one moment, and the HTTP frontend if there is one. */
export interface MonitorSnapshot {
  /** ms since 1970. */
  readonly at: number;
  readonly jobs: readonly JobReport[];
  /** Each Redis that cannot be asked, and why. */
  readonly trouble: readonly string[];
  readonly frontend?: {
    /** Since the start. */
    readonly predictions: number;
    readonly failed: number;
    readonly inFlight: number;
    readonly latencyMs: Percentiles;
  };
}
