import type { Heartbeat, JobReport, JobState, StageLatencies } from '../../schemas/jobEvents.ts';
import type { RolloutReport } from '../../schemas/rollout.ts';
import type { MonitorSnapshot } from '../../schemas/pages.ts';
import { adviceOf, type Advice } from './advice.ts';
import { marksBetween, sightsOf, type Mark, type WorkerSight } from './marks.ts';
import type { Point } from './point.ts';
import type { Text } from './texts.ts';
import { longestMs, thinned } from './thinned.ts';

/** What is drawn for one job, or for the frontend. */
export interface Series {
  /** Two jobs on two Redis may have one name. */
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly detail: string;
  /** The oldest first. */
  readonly points: readonly Point[];
  /** When workers came and went, the oldest first. */
  readonly marks: readonly Mark[];
  readonly workers: readonly WorkerSight[];
  readonly advice?: Advice;
  /** The job's address, for what the editor does with it. */
  readonly redis?: string;
}

/** How long a job that is gone is still shown: what led to its end is what one wants to see then. */
const shownAfterEndMs = 15 * 60_000;

/** Adds a snapshot to what is drawn. A job that is gone is shown as stopped for a while. */
export function addSnapshot(
  before: readonly Series[],
  snapshot: MonitorSnapshot,
  t: Text,
): readonly Series[] {
  const { at } = snapshot;
  const now = snapshot.jobs.map((job) => jobSeries(job, at, before, t));
  const frontend = frontendSeries(snapshot, before, t);
  const shown = frontend ? [frontend, ...now] : now;
  const ids = new Set(shown.map(({ id }) => id));
  const gone = before.filter(
    ({ id, redis, points }) =>
      !ids.has(id) && redis !== undefined && at - (points.at(-1)?.at ?? 0) < shownAfterEndMs,
  );
  return [
    ...shown.map((series) => {
      const known = before.find(({ id }) => id === series.id);
      return {
        ...series,
        points: thinned([...(known?.points ?? []), ...series.points], at),
        marks: [...(known?.marks ?? []), ...marksBetween(known?.workers, series.workers, at)].filter(
          (mark) => mark.at > at - longestMs,
        ),
      };
    }),
    ...gone.map((series) => ended(series, at, t)),
  ].sort(byName);
}

/** The frontend first, the jobs by name. */
function byName(a: Series, b: Series): number {
  const [first, second] = [a, b].map(({ redis, name }) => `${redis === undefined ? 0 : 1}${name}`) as [
    string,
    string,
  ];
  return first < second ? -1 : first > second ? 1 : 0;
}

function ended(series: Series, at: number, t: Text): Series {
  if (series.state === 'stopped') return series;
  const { id, name, redis, points, marks, workers } = series;
  return {
    id,
    name,
    ...(redis === undefined ? {} : { redis }),
    points,
    state: 'stopped',
    detail: t('it has ended'),
    workers: [],
    marks: [...marks, ...marksBetween(workers, [], at)],
  };
}

function jobSeries(job: JobReport, at: number, before: readonly Series[], t: Text): Series {
  const beats = job.workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  const sum = (value: (beat: (typeof beats)[0]) => number) =>
    beats.reduce((total, beat) => total + value(beat), 0);
  /** Of workers side by side the worst one counts. */
  const slowest = (value: (beat: (typeof beats)[0]) => number) => Math.max(0, ...beats.map(value));
  const { waiting, pending, dead } = job.queue;
  const id = `${job.redis}/${job.jobName}`;
  const last = before.find((one) => one.id === id);
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
  const advice = adviceOf(job, t);
  return {
    id,
    name: job.jobName,
    redis: job.redis,
    state: job.state,
    detail:
      job.failure ??
      [workers, ...waysOf(beats, t), ...rolloutOf(beats, t), job.redis, ...refusalOf(beats, t)].join(', '),
    points: [point],
    marks: [],
    workers: sightsOf(job),
    ...(advice ? { advice } : {}),
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
  const last = before.find(({ redis }) => redis === undefined);
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
    id: '',
    name: frontendName,
    state: wrong ? 'failed' : 'running',
    detail: wrong ?? t('the backlog is the requests in process'),
    points: [point],
    marks: [],
    workers: [],
  };
}

/** Why a change is not served, where a worker has refused one. */
function refusalOf(beats: readonly Heartbeat[], t: Text): readonly string[] {
  const refusal = beats.find(({ reload }) => reload?.refusal)?.reload?.refusal;
  return refusal ? [t('not reloaded: {0}', refusal.message)] : [];
}

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

/** Both versions, side by side, of all workers together. */
function rolloutOf(beats: readonly Heartbeat[], t: Text): readonly string[] {
  const rollouts = beats.flatMap(({ rollout }) => rollout ?? []);
  const [first] = rollouts;
  if (!first) return [];
  const { version, percent, isShadow, served } = first;
  const sum = (value: (one: RolloutReport) => number) =>
    rollouts.reduce((total, one) => total + value(one), 0);
  if (isShadow) {
    const agreed = sum(({ agreement }) => agreement?.agreed ?? 0);
    const compared = sum(({ agreement }) => agreement?.compared ?? 0);
    return [t('version {0} as a shadow on {1} %: {2} of {3} agree', version, percent, agreed, compared)];
  }
  const next = sum((one) => one.next.answered);
  const old = sum((one) => one.served.answered);
  return [
    t(
      'version {0} on {1} %: {2} answered; version {3}: {4}',
      version,
      percent,
      next,
      served.version ?? '',
      old,
    ),
  ];
}

/** A worker that starts again counts from zero. */
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
