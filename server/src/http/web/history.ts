import type { Heartbeat, JobReport, JobState, StageLatencies } from '../../../../schemas/jobEvents.ts';
import type { MonitorSnapshot } from './snapshot.ts';
import type { Text } from './texts.ts';

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
}

/** What is drawn for one job, or for the frontend. */
export interface Series {
  readonly name: string;
  readonly state: JobState;
  readonly detail: string;
  readonly points: readonly Point[];
}

const keptPoints = 120;

/** Adds a snapshot to the lines drawn so far; a job that is gone loses its line. */
export function addSnapshot(
  before: readonly Series[],
  snapshot: MonitorSnapshot,
  t: Text,
): readonly Series[] {
  const now = snapshot.jobs.map((job) => jobSeries(job, snapshot.at, before, t));
  const frontend = frontendSeries(snapshot, before, t);
  return (frontend ? [frontend, ...now] : now).map((series) => {
    const points = before.find(({ name }) => name === series.name)?.points ?? [];
    return { ...series, points: [...points, ...series.points].slice(-keptPoints) };
  });
}

function jobSeries(job: JobReport, at: number, before: readonly Series[], t: Text): Series {
  const beats = job.workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  const sum = (value: (beat: (typeof beats)[0]) => number) =>
    beats.reduce((total, beat) => total + value(beat), 0);
  /** Of workers side by side the worst one counts. */
  const slowest = (value: (beat: (typeof beats)[0]) => number) => Math.max(0, ...beats.map(value));
  const { waiting, pending, dead } = job.queue;
  const last = before.find(({ name }) => name === job.jobName);
  const errors = sum(({ failed }) => failed);
  const stage = (name: keyof StageLatencies) => slowest(({ latencyMs }) => latencyMs[name].p95);
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
    ...(beats.length === 0
      ? {}
      : {
          stages: {
            queueWait: stage('queueWait'),
            decode: stage('decode'),
            inference: stage('inference'),
            write: stage('write'),
          },
          batch: {
            mean: slowest(({ batchSize }) => batchSize.mean),
            max: slowest(({ batchSize }) => batchSize.max),
          },
        }),
    backlog: waiting + pending,
    dead,
    newErrors: newErrors(last, errors),
    errors,
  };
  const workers = t('{0} of {1} workers', beats.length, job.workers.length);
  return {
    name: job.jobName,
    state: job.state,
    detail: job.failure ?? [workers, ...waysOf(beats, t), job.redis, ...refusalOf(beats, t)].join(', '),
    points: [point],
  };
}

function frontendSeries(
  { at, frontend, trouble }: MonitorSnapshot,
  before: readonly Series[],
  t: Text,
): Series | undefined {
  if (!frontend) return undefined;
  const frontendName = t('HTTP frontend');
  const { predictions, failed, inFlight, latencyMs } = frontend;
  const last = before.find(({ name }) => name === frontendName);
  const point = {
    at,
    perSecond: ratePerSecond(last, predictions, at),
    p50: latencyMs.p50,
    p99: latencyMs.p99,
    backlog: inFlight,
    newErrors: newErrors(last, failed),
    errors: failed,
    total: predictions,
  };
  const [wrong] = trouble;
  return {
    name: frontendName,
    state: wrong ? 'failed' : 'running',
    detail: wrong ?? t('the backlog is the requests in process'),
    points: [point],
  };
}

/** Why a change is not served, where a worker has refused one. */
function refusalOf(beats: readonly Heartbeat[], t: Text): readonly string[] {
  const refusal = beats.find(({ reload }) => reload?.refusal)?.reload?.refusal;
  return refusal ? [t('not reloaded: {0}', refusal.message)] : [];
}

/** A worker that starts again counts from zero. */
/** How many came by which way, where a worker answers HTTP itself. */
function waysOf(beats: readonly Heartbeat[], t: Text): readonly string[] {
  if (beats.every(({ httpUrl }) => httpUrl === undefined)) return [];
  const sum = (value: (beat: Heartbeat) => number) => beats.reduce((total, beat) => total + value(beat), 0);
  return [
    t(
      '{0} of {1} answered over HTTP',
      sum(({ overHttp = 0 }) => overHttp),
      sum(({ processed }) => processed),
    ),
  ];
}

function newErrors(series: Series | undefined, errors: number): number {
  const last = series?.points.at(-1);
  return last ? Math.max(0, errors - last.errors) : 0;
}

/** The frontend reports its total; the point before holds the total then. */
function ratePerSecond(series: Series | undefined, total: number, at: number): number {
  const last = series?.points.at(-1);
  if (last?.total === undefined || at <= last.at) return 0;
  return Math.max(0, ((total - last.total) * 1000) / (at - last.at));
}
