import { createTimer, percentile, type Timer } from '../predict/timer.ts';

/** What the frontend counts of itself. */
export interface Metrics {
  readonly startedAt: number;
  readonly timers: Readonly<Record<TimerName, Timer>>;
  /** Requests by method, route and status. */
  readonly requests: ReadonlyMap<string, RequestCount>;
  /** Requests being worked on. */
  inFlight: number;
  /** Clients that went away before their answer. */
  cancelled: number;
  /** Records put in and results taken. */
  recordsPut: number;
  resultsTaken: number;
  countRequest(method: string, route: string, status: number, ms: number): void;
}

export interface RequestCount {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly timer: Timer;
}

/** Our name of a timer and the original's. */
export const timerNames = {
  overall: 'bigdl.serving.request.overall',
  predict: 'bigdl.serving.request.predict',
  metrics: 'bigdl.serving.request.metrics',
  put: 'bigdl.serving.redis.put',
  get: 'bigdl.serving.redis.get',
  wait: 'bigdl.serving.redis.wait',
  inference: 'bigdl.serving.backend.inference',
  servable: 'bigdl.serving.retrive.servable',
  servables: 'bigdl.serving.retrive.servables',
} as const;

export type TimerName = keyof typeof timerNames;

export function createMetrics(): Metrics {
  const names = Object.keys(timerNames) as TimerName[];
  const requests = new Map<string, RequestCount>();
  return {
    startedAt: Date.now(),
    timers: Object.fromEntries(names.map((name) => [name, createTimer()])) as Record<TimerName, Timer>,
    requests,
    inFlight: 0,
    cancelled: 0,
    recordsPut: 0,
    resultsTaken: 0,
    countRequest(method, route, status, ms) {
      const key = `${method} ${route} ${status}`;
      let count = requests.get(key);
      if (!count) {
        count = { method, route, status, timer: createTimer() };
        requests.set(key, count);
      }
      count.timer.add(ms);
    },
  };
}

/** The timers as the original's `GET /metrics` shows them, durations in ms, sorted by name. */
export function metricsJson(metrics: Metrics): readonly Record<string, string | number>[] {
  const seconds = Math.max(0.001, (Date.now() - metrics.startedAt) / 1000);
  return Object.entries(timerNames)
    .map(([name, originalName]) => timerJson(originalName, metrics.timers[name as TimerName], seconds))
    .sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
}

function timerJson(name: string, timer: Timer, seconds: number): Record<string, string | number> {
  const sorted = timer.sorted();
  const mean = sorted.length === 0 ? 0 : sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
  const variance = sorted.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / Math.max(1, sorted.length - 1);
  return {
    name,
    count: timer.count,
    meanRate: timer.count / seconds,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    mean,
    median: percentile(sorted, 0.5),
    stdDev: Math.sqrt(variance),
    _75thPercentile: percentile(sorted, 0.75),
    _95thPercentile: percentile(sorted, 0.95),
    _98thPercentile: percentile(sorted, 0.98),
    _99thPercentile: percentile(sorted, 0.99),
    _999thPercentile: percentile(sorted, 0.999),
  };
}
