import type { MonitorSnapshot } from '../../../../schemas/pages.ts';
import type { Frontend } from '../frontend.ts';
import { percentile } from '../predict/timer.ts';

/** What the monitor's page draws, as it is now. */
export function monitorSnapshot({ metrics, watches }: Frontend): MonitorSnapshot {
  const sorted = metrics.timers.overall.sorted();
  const counts = [...metrics.requests.values()];
  const failed = counts.filter(({ status }) => status >= 400);
  return {
    at: Date.now(),
    jobs: watches.flatMap((watch) => watch.jobs()),
    trouble: watches.flatMap(({ trouble }) => trouble ?? []),
    frontend: {
      predictions: metrics.timers.overall.count,
      failed: failed.reduce((sum, { timer }) => sum + timer.count, 0),
      inFlight: metrics.inFlight,
      latencyMs: {
        p50: percentile(sorted, 0.5),
        p95: percentile(sorted, 0.95),
        p99: percentile(sorted, 0.99),
      },
    },
  };
}
