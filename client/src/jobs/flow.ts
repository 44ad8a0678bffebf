import type { JobReport } from '../../../schemas/jobEvents.ts';

/** How a queue moves, from what was seen of it in the last seconds. */
export interface Flow {
  /** Records per second that clients put in; absent where Redis does not count them. */
  readonly inPerSecond?: number;
  readonly outPerSecond: number;
  readonly trend: 'grows' | 'shrinks' | 'steady';
  /** Until nothing waits, if all goes on as now; absent when it never ends, or nothing waits. */
  readonly drainMs?: number;
}

/** One sight of a queue. */
export interface Sight {
  readonly at: number;
  readonly backlog: number;
  readonly added?: number;
}

const keptMs = 15_000;

export function sightOf({ queue }: JobReport, at: number): Sight {
  const { waiting, pending, added } = queue;
  return { at, backlog: waiting + pending, ...(added === undefined ? {} : { added }) };
}

/** @returns the sights that count from now on: those of the last seconds, the oldest first */
export function withSight(before: readonly Sight[], sight: Sight): readonly Sight[] {
  return [...before.filter(({ at }) => at > sight.at - keptMs), sight];
}

/** @param sights  as `withSight` keeps them */
export function flowOf(job: JobReport, sights: readonly Sight[]): Flow {
  const [first] = sights;
  const last = sights.at(-1);
  const outPerSecond = job.workers.reduce(
    (sum, { heartbeat }) => sum + (heartbeat?.recordsPerSecond ?? 0),
    0,
  );
  if (!first || !last) return { outPerSecond, trend: 'steady' };
  const seconds = (last.at - first.at) / 1_000;
  const change = last.backlog - first.backlog;
  const isSame = Math.abs(change) <= Math.max(1, first.backlog * 0.05);
  const inPerSecond =
    seconds > 0 && first.added !== undefined && last.added !== undefined
      ? Math.max(0, (last.added - first.added) / seconds)
      : undefined;
  const shrinking = outPerSecond - (inPerSecond ?? 0);
  return {
    ...(inPerSecond === undefined ? {} : { inPerSecond }),
    outPerSecond,
    trend: isSame ? 'steady' : change > 0 ? 'grows' : 'shrinks',
    ...(last.backlog > 0 && shrinking > 0 ? { drainMs: (last.backlog / shrinking) * 1_000 } : {}),
  };
}
