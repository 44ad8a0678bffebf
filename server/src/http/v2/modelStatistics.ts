import type { TimedCount } from '../../../../schemas/jobEvents.ts';
import type { WorkerInferences } from '../reach/reach.ts';

/** The statistics of a model in the form of Triton's extension, summed over the workers that report them since their starts.
 *  Of its fields those are left out that are not measured: compute_input, compute_output, cache_hit, cache_miss and
 *  memory_usage. @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md */
export function modelStatistics(name: string, version: string, workers: readonly WorkerInferences[]): object {
  const sizes = new Map<number, TimedCount>();
  for (const { rows, ...one } of workers.flatMap(({ batches }) => batches))
    sizes.set(rows, sumOf([sizes.get(rows) ?? none, one]));
  const lastAt = Math.max(...workers.map((worker) => worker.lastAt ?? 0), 0);
  return {
    name,
    version,
    ...(lastAt > 0 ? { last_inference: lastAt } : {}),
    inference_count: workers.reduce((sum, { rows }) => sum + rows, 0),
    execution_count: workers.reduce((sum, { runs }) => sum + runs, 0),
    inference_stats: {
      success: duration(workers.map(({ succeeded }) => succeeded)),
      fail: duration(workers.map(({ failed }) => failed)),
      queue: duration(workers.map(({ queueWait }) => queueWait)),
      compute_infer: duration(workers.map(({ ran }) => ran)),
    },
    batch_stats: [...sizes]
      .sort(([a], [b]) => a - b)
      .map(([rows, sum]) => ({ batch_size: rows, compute_infer: duration([sum]) })),
  };
}

const none: TimedCount = { count: 0, sumMs: 0 };
const nsPerMs = 1_000_000;

function sumOf(all: readonly TimedCount[]): TimedCount {
  return all.reduce(
    (sum, { count, sumMs }) => ({ count: sum.count + count, sumMs: sum.sumMs + sumMs }),
    none,
  );
}

function duration(all: readonly TimedCount[]): { readonly count: number; readonly ns: number } {
  const { count, sumMs } = sumOf(all);
  return { count, ns: Math.round(sumMs * nsPerMs) };
}
