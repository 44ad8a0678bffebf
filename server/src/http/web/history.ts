import type { JobReport } from '../../../../schemas/jobEvents.ts';
import type { MonitorSnapshot } from './snapshot.ts';

/** One moment of one line of figures. */
export interface Point {
  readonly at: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly backlog: number;
  readonly errors: number;
  /** Of the frontend: predictions since its start, which its rate is made from. */
  readonly total?: number;
}

/** What is drawn for one job, or for the frontend. */
export interface Series {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly points: readonly Point[];
}

const keptPoints = 120;

/** Adds a snapshot to the lines drawn so far; a job that is gone loses its line. */
export function addSnapshot(before: readonly Series[], snapshot: MonitorSnapshot): readonly Series[] {
  const now = snapshot.jobs.map((job) => jobSeries(job, snapshot.at));
  const frontend = frontendSeries(snapshot, before);
  return (frontend ? [frontend, ...now] : now).map((series) => {
    const points = before.find(({ name }) => name === series.name)?.points ?? [];
    return { ...series, points: [...points, ...series.points].slice(-keptPoints) };
  });
}

function jobSeries(job: JobReport, at: number): Series {
  const beats = job.workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  const sum = (value: (beat: (typeof beats)[0]) => number) =>
    beats.reduce((total, beat) => total + value(beat), 0);
  const slowest = (value: (beat: (typeof beats)[0]) => number) => Math.max(0, ...beats.map(value));
  const { waiting, pending, dead } = job.queue;
  const point: Point = {
    at,
    perSecond: sum(({ recordsPerSecond }) => recordsPerSecond),
    p50: slowest(
      ({ latencyMs: { queueWait, decode, inference, write } }) =>
        queueWait.p50 + decode.p50 + inference.p50 + write.p50,
    ),
    p99: slowest(
      ({ latencyMs: { queueWait, decode, inference, write } }) =>
        queueWait.p99 + decode.p99 + inference.p99 + write.p99,
    ),
    backlog: waiting + pending,
    errors: dead,
  };
  const workers = `${beats.length} of ${job.workers.length} workers`;
  return {
    name: job.jobName,
    state: job.state,
    detail: job.failure ?? `${workers}, ${job.redis}`,
    points: [point],
  };
}

const frontendName = 'HTTP frontend';

function frontendSeries(
  { at, frontend, trouble }: MonitorSnapshot,
  before: readonly Series[],
): Series | undefined {
  if (!frontend) return undefined;
  const { predictions, failed, inFlight, latencyMs } = frontend;
  const last = before.find(({ name }) => name === frontendName);
  const point = {
    at,
    perSecond: ratePerSecond(last, predictions, at),
    p50: latencyMs.p50,
    p99: latencyMs.p99,
    backlog: inFlight,
    errors: failed,
    total: predictions,
  };
  const [wrong] = trouble;
  return {
    name: frontendName,
    state: wrong ? 'failed' : 'running',
    detail: wrong ?? 'the backlog is the requests in process',
    points: [point],
  };
}

/** The frontend tells its total; the point before holds the total then. */
function ratePerSecond(series: Series | undefined, total: number, at: number): number {
  const last = series?.points.at(-1);
  if (last?.total === undefined || at <= last.at) return 0;
  return Math.max(0, ((total - last.total) * 1000) / (at - last.at));
}
