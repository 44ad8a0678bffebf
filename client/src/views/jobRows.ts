import type { JobReport, JobState, TensorInfo, WorkerReport } from '../../../schemas/jobEvents.ts';

/** Says a text in the reader's language; `{0}` stands for the first argument. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** What a row of the tree shows; the tree adds only what needs the editor. */
export interface Row {
  /** Holds no figure, so that what is selected and open stays so while figures change. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly icon: string;
  readonly color?: string;
  readonly context: string;
}

const looks: Readonly<Record<JobState, { readonly icon: string; readonly color?: string }>> = {
  running: { icon: 'pass-filled', color: 'testing.iconPassed' },
  failed: { icon: 'error', color: 'testing.iconFailed' },
  full: { icon: 'warning', color: 'list.warningForeground' },
  starting: { icon: 'sync', color: 'charts.yellow' },
  stopping: { icon: 'sync', color: 'charts.yellow' },
  stopped: { icon: 'circle-outline' },
};

/** Which menus a row of this job has. */
const contexts: Readonly<Record<JobState, string>> = {
  running: 'running',
  full: 'running',
  starting: 'running',
  stopping: 'stopping',
  failed: 'failed',
  stopped: 'config',
};

/** @param trouble  why the job's Redis cannot be asked: then the figures are old, and the state is unknown */
export function jobRow(id: string, job: JobReport, t: Translate, trouble?: string): Row {
  const { jobName, redis, backend, state, failure, workers, queue } = job;
  if (trouble !== undefined)
    return {
      id,
      label: jobName,
      description: trouble,
      tooltip: trouble,
      icon: 'debug-disconnect',
      color: 'list.warningForeground',
      context: 'failed',
    };
  const rate = sum(workers, ({ heartbeat }) => heartbeat?.recordsPerSecond ?? 0);
  const backlog = queue.waiting + queue.pending;
  const facts = [
    stateText(state, t),
    `${short(rate)}/s`,
    ...(backlog > 0 ? [t('{0} waiting', short(backlog))] : []),
    ...(queue.dead > 0 ? [t('{0} dead', short(queue.dead))] : []),
  ];
  return {
    id,
    label: jobName,
    description: failure === undefined ? facts.join(' · ') : `${stateText(state, t)} · ${failure}`,
    tooltip: [
      `${jobName}: ${stateText(state, t)}`,
      ...(failure === undefined ? [] : [failure]),
      `${backend}, Redis ${redis}`,
    ].join('\n'),
    ...looks[state],
    context: contexts[state],
  };
}

/** What a running job is made of: its model, its queue and its workers. */
export function jobDetails(
  id: string,
  job: JobReport,
  t: Translate,
  ages: { yellowMs: number; redMs: number },
): readonly Row[] {
  const beat = job.workers.find(({ heartbeat }) => heartbeat)?.heartbeat;
  const model: Row[] = beat
    ? [
        {
          id: `${id}/model`,
          label: t('Model'),
          description: `${fileName(beat.modelFile)} (${beat.modelType})`,
          tooltip: [
            beat.modelFile,
            ...beat.inputs.map((input) => t('in: {0}', tensorText(input))),
            ...beat.outputs.map((output) => t('out: {0}', tensorText(output))),
          ].join('\n'),
          icon: 'symbol-misc',
          context: 'model',
        },
      ]
    : [];
  return [...model, queueRow(id, job, t, ages), ...job.workers.map((worker) => workerRow(id, worker, t))];
}

/** The age of the oldest record is what users of a slow service notice first. */
function queueRow(
  id: string,
  { queue, workers }: JobReport,
  t: Translate,
  ages: { yellowMs: number; redMs: number },
): Row {
  const { waiting, pending, dead, oldestAgeMs } = queue;
  const rate = sum(workers, ({ heartbeat }) => heartbeat?.recordsPerSecond ?? 0);
  const backlog = waiting + pending;
  const isRed = oldestAgeMs >= ages.redMs;
  const isYellow = oldestAgeMs >= ages.yellowMs;
  const facts = [
    t('{0} waiting', short(waiting)),
    t('{0} pending', short(pending)),
    ...(dead > 0 ? [t('{0} dead', short(dead))] : []),
    ...(oldestAgeMs > 0 ? [t('oldest {0}', span(oldestAgeMs))] : []),
    ...(backlog > 0 && rate > 0 ? [t('drained in {0}', span((backlog / rate) * 1000))] : []),
  ];
  return {
    id: `${id}/queue`,
    label: t('Queue'),
    description: facts.join(' · '),
    tooltip: facts.join('\n'),
    icon: isRed ? 'error' : isYellow ? 'warning' : 'list-ordered',
    ...(isRed ? { color: 'list.errorForeground' } : isYellow ? { color: 'list.warningForeground' } : {}),
    context: 'queue',
  };
}

function workerRow(id: string, { registration, heartbeat }: WorkerReport, t: Translate): Row {
  const { workerId, pid, host, failure, logFile } = registration;
  const latency = heartbeat?.latencyMs.inference;
  return {
    id: `${id}/worker/${workerId}`,
    label: t('Worker {0}', `${pid}@${host}`),
    description: heartbeat
      ? [
          t('{0} answered', short(heartbeat.processed)),
          t('{0} failed', heartbeat.failed),
          t('inference p50 {0} ms, p95 {1} ms', latency?.p50 ?? 0, latency?.p95 ?? 0),
        ].join(' · ')
      : (failure ?? t('dead')),
    tooltip: logFile,
    icon: heartbeat ? 'server-process' : 'error',
    ...(heartbeat ? {} : { color: 'testing.iconFailed' }),
    context: 'worker',
  };
}

/** Each written out, so that the translations can be told to be complete. */
function stateText(state: JobState, t: Translate): string {
  switch (state) {
    case 'starting':
      return t('starting');
    case 'running':
      return t('running');
    case 'full':
      return t('Redis is full');
    case 'stopping':
      return t('stopping');
    case 'failed':
      return t('failed');
    case 'stopped':
      return t('stopped');
  }
}

function tensorText({ name, type, shape }: TensorInfo): string {
  return `${name} ${type}[${shape.map((size) => size ?? '?').join(', ')}]`;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** 950, 12.3k, 1.2M */
export function short(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)}M`;
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)}k`;
  return String(Math.round(value));
}

/** 850 ms, 12 s, 3 min, 2 h */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
