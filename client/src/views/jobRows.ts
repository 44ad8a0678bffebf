import { storeName } from '../../../schemas/kafka/storeName.ts';
import type {
  Heartbeat,
  JobReport,
  JobState,
  SharingReport,
  TensorInfo,
  WorkerReport,
} from '../../../schemas/jobEvents.ts';
import type { Flow } from '../jobs/flow.ts';
import type { Ages } from './ages.ts';
import { awayRow, short, type Row, type Translate } from './figures.ts';
import { jobQueueRow } from './jobQueueRow.ts';

const appearances: Readonly<Record<JobState, { readonly icon: string; readonly color?: string }>> = {
  running: { icon: 'pass-filled', color: 'testing.iconPassed' },
  failed: { icon: 'error', color: 'testing.iconFailed' },
  full: { icon: 'warning', color: 'list.warningForeground' },
  starting: { icon: 'sync', color: 'charts.yellow' },
  'waiting-for-secret': { icon: 'key', color: 'list.warningForeground' },
  stopping: { icon: 'sync', color: 'charts.yellow' },
  stopped: { icon: 'circle-outline' },
};

/** Which menus a row of this job has. */
const contexts: Readonly<Record<JobState, string>> = {
  running: 'running',
  full: 'running',
  starting: 'running',
  'waiting-for-secret': 'running',
  stopping: 'stopping',
  failed: 'failed',
  stopped: 'config',
};

/** What menus ask of a job beside its state. */
export interface JobFacts {
  /** Whether its config is on this machine. */
  readonly isHere: boolean;
  readonly isPinned: boolean;
  /** Why the job's Redis cannot be asked: then the figures are old, and the state is unknown. */
  readonly trouble?: string;
}

export function jobRow(id: string, job: JobReport, t: Translate, facts: JobFacts): Row {
  const { jobName, redis, backend, state, failure, needs, workers, queue } = job;
  const { trouble, isHere, isPinned } = facts;
  const words = [isHere ? 'here' : 'elsewhere', backend, ...(isPinned ? ['pinned'] : [])];
  const context = (kind: string) => [kind, ...words].join(' ');
  if (trouble !== undefined) return awayRow(id, jobName, trouble, context('failed'));
  const beats = workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  const rate = beats.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  const backlog = queue.waiting + queue.pending;
  const latency = latencyOf(beats);
  const refused = beats.flatMap(({ reload }) => reload?.refusal ?? [])[0];
  const shown = [
    stateText(state, t),
    ...(refused ? [t('not reloaded')] : []),
    `${short(rate)}/s`,
    ...(backlog > 0 ? [t('{0} waiting', short(backlog))] : []),
    ...(queue.dead > 0 ? [t('{0} dead', short(queue.dead))] : []),
    ...(latency === undefined ? [] : [t('p50 {0} ms, p95 {1} ms', figure(latency.p50), figure(latency.p95))]),
    ...(backend === 'flink' ? ['Flink'] : []),
    ...(isHere ? [] : [t('on {0}', hostsOf(workers))]),
  ];
  return {
    id,
    label: jobName,
    description: failure === undefined ? shown.join(' · ') : `${stateText(state, t)} · ${failure}`,
    tooltip: [
      `${jobName}: ${stateText(state, t)}`,
      ...(failure === undefined ? [] : [failure]),
      ...(needs === undefined ? [] : [needs.message]),
      ...(refused ? [t('Not reloaded: {0} What was served before goes on.', refused.message)] : []),
      `${backend}, ${storeName(redis)}`,
      t('{0} workers on {1}', workers.length, hostsOf(workers)),
    ].join('\n'),
    ...(refused && state === 'running' ? appearances.full : appearances[state]),
    context: context(contexts[state]),
  };
}

/** What a record waits for from its arrival to its answer, of the slowest worker. */
function latencyOf(beats: readonly Heartbeat[]): { readonly p50: number; readonly p95: number } | undefined {
  if (beats.every(({ processed }) => processed === 0)) return undefined;
  const slowest = (of: 'p50' | 'p95') =>
    Math.max(
      ...beats.map(
        ({ latencyMs: { queueWait, decode, inference, write } }) =>
          queueWait[of] + decode[of] + inference[of] + write[of],
      ),
    );
  return { p50: slowest('p50'), p95: slowest('p95') };
}

function hostsOf(workers: readonly WorkerReport[]): string {
  return [...new Set(workers.map(({ registration }) => registration.host))].join(', ');
}

/** Three digits are what one reads. */
function figure(ms: number): number {
  return ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(3));
}

/** What a running job is made of: its model, its queue and its workers. */
export function jobDetails(id: string, job: JobReport, flow: Flow, t: Translate, ages: Ages): readonly Row[] {
  const beat = job.workers.find(({ heartbeat }) => heartbeat)?.heartbeat;
  return [
    ...(beat ? [modelRow(id, beat, t)] : []),
    jobQueueRow(id, job.queue, flow, t, ages),
    ...job.workers.map((worker) => workerRow(id, worker, t)),
  ];
}

function modelRow(
  id: string,
  { modelFile, modelType, version, inputs, outputs }: Heartbeat,
  t: Translate,
): Row {
  const tensor = (kind: 'in' | 'out', info: TensorInfo): Row => {
    const text = tensorText(info);
    return {
      id: `${id}/model/${kind}/${info.name}`,
      label: info.name,
      description: kind === 'in' ? t('in: {0}', text) : t('out: {0}', text),
      tooltip: `${info.name} ${text}`,
      icon: kind === 'in' ? 'arrow-small-right' : 'arrow-small-left',
      context: 'tensor',
    };
  };
  return {
    id: `${id}/model`,
    label: t('Model'),
    description:
      version === undefined
        ? `${fileName(modelFile)} (${modelType})`
        : t('{0} ({1}), version {2}', fileName(modelFile), modelType, version),
    tooltip: modelFile,
    icon: 'symbol-misc',
    context: 'model',
    children: [...inputs.map((info) => tensor('in', info)), ...outputs.map((info) => tensor('out', info))],
  };
}

/** How many, and by which way where there are two. */
function answeredText({ processed, overHttp = 0, httpUrl }: Heartbeat, t: Translate): string {
  if (httpUrl === undefined) return t('{0} answered', short(processed));
  return t('{0} answered, {1} of them over HTTP', short(processed), short(overHttp));
}

function workerRow(id: string, { registration, heartbeat, early }: WorkerReport, t: Translate): Row {
  const { workerId, pid, host, failure, logFile } = registration;
  const latency = heartbeat?.latencyMs.inference;
  const lives = heartbeat !== undefined || early !== undefined;
  return {
    id: `${id}/worker/${workerId}`,
    label: t('Worker {0}', `${pid}@${host}`),
    description: heartbeat
      ? [
          answeredText(heartbeat, t),
          t('{0} failed', heartbeat.failed),
          t('inference p50 {0} ms, p95 {1} ms', latency?.p50 ?? 0, latency?.p95 ?? 0),
          ...(heartbeat.sharing?.shared === false ? [t('one record a run')] : []),
          ...rolloutOf(heartbeat, t),
        ].join(' · ')
      : (failure ?? t('dead')),
    tooltip: [logFile, ...[heartbeat?.httpUrl ?? []].flat(), ...sharingText(heartbeat?.sharing, t)].join(
      '\n',
    ),
    icon: lives ? 'server-process' : 'error',
    ...(lives ? {} : { color: 'testing.iconFailed' }),
    context: 'worker',
  };
}

/** Both versions, side by side. */
function rolloutOf({ rollout }: Heartbeat, t: Translate): readonly string[] {
  if (!rollout) return [];
  const { version, percent, isShadow, served, next, agreement } = rollout;
  const [compared, agreed] = [agreement?.compared ?? 0, agreement?.agreed ?? 0];
  if (isShadow)
    return [t('version {0} as a shadow on {1} %: {2} of {3} agree', version, percent, agreed, compared)];
  const answered = [next.answered, served.version ?? '', served.answered] as const;
  return [t('version {0} on {1} %: {2} answered; version {3}: {4}', version, percent, ...answered)];
}

/** The reason in the words of the worker. */
function sharingText(sharing: SharingReport | undefined, t: Translate): readonly string[] {
  if (!sharing) return [];
  const { shared, reason } = sharing;
  return [shared ? t('Records are batched: {0}', reason) : t('Records are not batched: {0}', reason)];
}

/** Each written out, so that the translations can be checked to be complete. */
export function stateText(state: JobState, t: Translate): string {
  switch (state) {
    case 'starting':
      return t('starting');
    case 'waiting-for-secret':
      return t('waiting for the secret of its model');
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

function tensorText({ type, shape }: TensorInfo): string {
  return `${type}[${shape.map((size) => size ?? '?').join(', ')}]`;
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
