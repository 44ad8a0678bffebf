import type { Heartbeat, StageLatencies } from '../../../schemas/jobEvents.ts';
import type { StageMeans } from './benchReport.ts';
import { round } from './histogram.ts';

/** What the workers of a job have counted since their starts. */
export interface StageCounts {
  /** When each living worker has reported it, by its id. */
  readonly reportedAt: ReadonlyMap<string, number>;
  /** Of all workers that report durations. */
  readonly sums: ReadonlyMap<string, ReadonlyMap<Stage, { readonly count: number; readonly sumMs: number }>>;
}

type Stage = keyof StageLatencies;
const stages: readonly Stage[] = ['queueWait', 'decode', 'inference', 'write'];

/** As much of a worker as it takes. */
export interface CountingWorker {
  readonly heartbeat?: Pick<Heartbeat, 'workerId' | 'at' | 'durations'>;
}

export function stageCounts({ workers }: { readonly workers: readonly CountingWorker[] }): StageCounts {
  const beats = workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  return {
    reportedAt: new Map(beats.map(({ workerId, at }) => [workerId, at])),
    sums: new Map(
      beats.flatMap(({ workerId, durations }) =>
        durations ? [[workerId, new Map(stages.map((stage) => [stage, durations[stage]]))]] : [],
      ),
    ),
  };
}

/** Whether each worker has reported again: then a report holds all that it had done before. */
export function isNewer(counts: StageCounts, than: StageCounts): boolean {
  return [...counts.reportedAt].every(([workerId, at]) => at !== than.reportedAt.get(workerId));
}

/** The means of what was counted between two reports; undefined where no worker counted anything. A worker that was started
 *  again in between began at zero, and is left out. */
export function stageMeans(before: StageCounts, after: StageCounts): StageMeans | undefined {
  const means: Partial<Record<Stage, number>> = {};
  for (const stage of stages) {
    let count = 0;
    let sumMs = 0;
    for (const [workerId, now] of after.sums) {
      const then = before.sums.get(workerId)?.get(stage);
      const { count: nowCount, sumMs: nowSum } = now.get(stage) ?? { count: 0, sumMs: 0 };
      if (then && nowCount < then.count) continue;
      count += nowCount - (then?.count ?? 0);
      sumMs += nowSum - (then?.sumMs ?? 0);
    }
    if (count > 0) means[stage] = round(sumMs / count);
  }
  return Object.keys(means).length > 0 ? means : undefined;
}
