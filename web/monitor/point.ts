import type { StageLatencies } from '../../schemas/jobEvents.ts';

/** One moment of one line of figures. */
export interface Point {
  readonly at: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** The p95 of each stage of a job; a frontend has none. */
  readonly stages?: Readonly<Record<keyof StageLatencies, number>>;
  readonly batch?: { readonly mean: number; readonly max: number };
  readonly backlog: number;
  readonly dead?: number;
  /** Since the point before. */
  readonly newErrors: number;
  /** Since the start, which the changes are made from. */
  readonly errors: number;
  readonly total?: number;
  /** How many moments it stands for, where that is more than one. */
  readonly moments?: number;
}
