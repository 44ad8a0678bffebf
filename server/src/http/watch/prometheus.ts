import { durationBucketsMs, type DurationCounts } from '../../../../schemas/config/durations.ts';
import type { JobReport } from '../../../../schemas/jobEvents.ts';
import type { Frontend } from '../frontend.ts';

type Labels = Readonly<Record<string, string | number>>;
type Kind = 'counter' | 'gauge' | 'histogram' | 'summary';

/** All figures in Prometheus's text format: of the frontend itself, and of each job from its workers and its queue.
 *  Times are in seconds, as the conventions of Prometheus want. */
export function prometheusText(frontend: Frontend): string {
  const { metrics, version } = frontend;
  const out = createWriter();
  out.metric('build_info', 'gauge', 'The version of the frontend.', [[{ version }, 1]]);
  out.metric(
    'http_requests_total',
    'counter',
    'Requests answered.',
    [...metrics.requests.values()].map(({ method, route, status, timer }) => [
      { method, route, code: status },
      timer.count,
    ]),
  );
  out.histograms(
    'http_request_seconds',
    'Time from request to answer.',
    [...metrics.requests.values()].map(({ method, route, status, timer }) => [
      { method, route, code: status },
      timer,
    ]),
  );
  out.metric('http_requests_in_flight', 'gauge', 'Predictions being worked on.', [[{}, metrics.inFlight]]);
  out.metric('http_requests_cancelled_total', 'counter', 'Clients that went away early.', [
    [{}, metrics.cancelled],
  ]);
  out.metric('records_put_total', 'counter', 'Records put into Redis.', [[{}, metrics.recordsPut]]);
  out.metric('results_taken_total', 'counter', 'Results taken from Redis.', [[{}, metrics.resultsTaken]]);
  out.histograms('redis_put_seconds', 'Time of a write of records.', [[{}, metrics.timers.put]]);
  out.histograms('redis_get_seconds', 'Time of a read of results.', [[{}, metrics.timers.get]]);
  out.histograms('result_wait_seconds', 'Time from a record to its result.', [[{}, metrics.timers.wait]]);
  out.metric(
    'redis_up',
    'gauge',
    'Whether Redis answers.',
    frontend.watches.map((watch, i) => [{ redis: i }, watch.trouble === undefined ? 1 : 0]),
  );
  writeJobs(out, frontend);
  const { user, system } = process.cpuUsage();
  out.metric('process_cpu_seconds_total', 'counter', 'CPU time of the frontend.', [
    [{}, (user + system) / 1e6],
  ]);
  out.metric('process_resident_memory_bytes', 'gauge', 'Memory of the frontend.', [
    [{}, process.memoryUsage.rss()],
  ]);
  return out.text();
}

function writeJobs(out: Writer, frontend: Frontend): void {
  const servables = [frontend.main, ...frontend.servables];
  const names = new Map(servables.map(({ facts, watch }) => [facts.redisInputQueue, watch]));
  const jobs = [...names].map(([job, watch]) => ({
    job,
    figures: watch.figures(job),
    report: watch.job(job),
  }));
  const queue = (
    name: string,
    help: string,
    value: (figures: NonNullable<(typeof jobs)[0]['figures']>) => number,
  ) =>
    out.metric(
      name,
      'gauge',
      help,
      jobs.flatMap(({ job, figures }) => (figures ? [[{ job }, value(figures)]] : [])),
    );
  queue('job_waiting', 'Records that no worker has been given yet.', ({ waiting }) => waiting);
  queue('job_pending', 'Records given to a worker and not yet answered.', ({ pending }) => pending);
  queue('job_dead', 'Records that were given up.', ({ dead }) => dead);
  queue(
    'job_oldest_age_seconds',
    'Age of the oldest record without an answer.',
    ({ oldestAgeMs }) => oldestAgeMs / 1000,
  );
  out.metric(
    'job_up',
    'gauge',
    'Whether a worker of the job is ready.',
    jobs.map(({ job, report }) => [{ job }, report?.state === 'running' ? 1 : 0]),
  );
  const workers = jobs.flatMap(({ job, report }) => beating(job, report));
  const worker = (name: string, kind: Kind, help: string, value: (beat: Beat) => number) =>
    out.metric(
      name,
      kind,
      help,
      workers.map(({ labels, beat }) => [labels, value(beat)]),
    );
  worker('worker_records_total', 'counter', 'Records answered.', ({ processed }) => processed);
  worker(
    'worker_records_over_http_total',
    'counter',
    'Records answered that came to the worker over HTTP, without the queue.',
    ({ overHttp = 0 }) => overHttp,
  );
  worker('worker_records_failed_total', 'counter', 'Records answered NaN.', ({ failed }) => failed);
  worker(
    'worker_records_expired_total',
    'counter',
    'Records skipped because their deadline had passed.',
    ({ expired }) => expired,
  );
  worker(
    'worker_records_taken_over_total',
    'counter',
    'Records taken over from another worker.',
    ({ takenOver }) => takenOver,
  );
  worker(
    'worker_reconnects_total',
    'counter',
    'Connections to Redis that were opened again.',
    ({ reconnects }) => reconnects,
  );
  worker('worker_in_hand', 'gauge', 'Records being worked on.', ({ inHand }) => inHand);
  worker(
    'worker_batch_rows_mean',
    'gauge',
    'Rows of a batch, on average.',
    ({ batchSize }) => batchSize.mean,
  );
  worker('worker_resident_memory_bytes', 'gauge', 'Memory of the worker.', ({ rssBytes }) => rssBytes);
  const stages = ['queueWait', 'decode', 'inference', 'write'] as const;
  out.histograms(
    'worker_stage_duration_seconds',
    'Where the time of records goes.',
    workers.flatMap(({ labels, beat: { durations } }) =>
      durations ? stages.map((stage) => [{ ...labels, stage }, durations[stage]] as const) : [],
    ),
  );
  out.metric(
    'worker_stage_seconds',
    'gauge',
    'Where the time of a record goes, by quantile.',
    workers.flatMap(({ labels, beat }) =>
      stages.flatMap((stage) => {
        const { p50, p95, p99 } = beat.latencyMs[stage];
        return [
          [0.5, p50],
          [0.95, p95],
          [0.99, p99],
        ].map(([quantile = 0, ms = 0]): Sample => [{ ...labels, stage, q: quantile }, ms / 1000]);
      }),
    ),
  );
}

type Beat = NonNullable<JobReport['workers'][0]['heartbeat']>;

function beating(job: string, report: JobReport | undefined): readonly { labels: Labels; beat: Beat }[] {
  return (report?.workers ?? []).flatMap(({ heartbeat }) =>
    heartbeat ? [{ labels: { job, worker: heartbeat.workerId }, beat: heartbeat }] : [],
  );
}

type Sample = readonly [Labels, number];

interface Writer {
  metric(name: string, kind: Kind, help: string, samples: readonly Sample[]): void;
  histograms(name: string, help: string, timers: readonly (readonly [Labels, DurationCounts])[]): void;
  text(): string;
}

const prefix = 'cluster_serving_';

function createWriter(): Writer {
  const lines: string[] = [];
  const head = (name: string, kind: Kind, help: string) =>
    lines.push(`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${kind}`);
  const sample = (name: string, labels: Labels, value: number) =>
    lines.push(`${prefix}${name}${labelText(labels)} ${value}`);
  return {
    metric(name, kind, help, samples) {
      if (samples.length === 0) return;
      head(name, kind, help);
      for (const [labels, value] of samples) sample(name, labels, value);
    },
    histograms(name, help, timers) {
      if (timers.length === 0) return;
      head(name, 'histogram', help);
      for (const [labels, timer] of timers) {
        timer.buckets.forEach((count, i) =>
          sample(`${name}_bucket`, { ...labels, le: (durationBucketsMs[i] ?? 0) / 1000 }, count),
        );
        sample(`${name}_bucket`, { ...labels, le: '+Inf' }, timer.count);
        sample(`${name}_sum`, labels, timer.sumMs / 1000);
        sample(`${name}_count`, labels, timer.count);
      }
    },
    text: () => `${lines.join('\n')}\n`,
  };
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
