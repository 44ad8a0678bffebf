import { durationBucketsMs } from '../../../../schemas/config/durations.ts';
import {
  reloadCauses,
  reloadChanges,
  type EarlyBeat,
  type FlinkJobRecord,
  type FrontendBeat,
  type Heartbeat,
  type Registration,
} from '../../../../schemas/jobEvents.ts';
import { maxRegistryText, timeBounds, type Bounds } from '../../../../schemas/redis/recordLimits.ts';

/* A client that may write to Redis may write anything into the registry. Each entry is checked when it is read; one that is not
   what its name says counts as absent. Pure: programs without the client library read entries by it too. */

/** The registration that a worker wrote under its id; undefined for anything else. */
export function parseRegistration(workerId: string, json: string): Registration | undefined {
  const entry = parse(json, (fields) => isRegistration(fields) && fields.workerId === workerId);
  return entry as Registration | undefined;
}

/** The heartbeat of a worker; undefined for anything else. */
export function parseHeartbeat({ workerId, jobName }: Registration, json: string): Heartbeat | undefined {
  const entry = parse(
    json,
    (fields) => isHeartbeat(fields) && fields.workerId === workerId && fields.jobName === jobName,
  );
  return entry as Heartbeat | undefined;
}

/** What a worker reports before its model is loaded; undefined for anything else. */
export function parseEarlyBeat({ workerId, jobName }: Registration, json: string): EarlyBeat | undefined {
  const entry = parse(
    json,
    (fields) => isEarlyBeat(fields) && fields.workerId === workerId && fields.jobName === jobName,
  );
  return entry as EarlyBeat | undefined;
}

/** The record of a job on Flink that stands under its id; undefined for anything else. */
export function parseFlinkJob(jobId: string, json: string): FlinkJobRecord | undefined {
  const entry = parse(json, (fields) => isFlinkJob(fields) && fields.jobId === jobId);
  return entry as FlinkJobRecord | undefined;
}

/** What an HTTP frontend reports under its id; undefined for anything else. */
export function parseFrontendBeat(frontendId: string, json: string): FrontendBeat | undefined {
  const entry = parse(json, (fields) => isFrontendBeat(fields) && fields.frontendId === frontendId);
  return entry as FrontendBeat | undefined;
}

function parse(json: string, isWhole: (entry: Fields) => boolean): unknown {
  try {
    const entry: unknown = JSON.parse(json);
    return isFields(entry) && isWhole(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const since1970 = whole({ min: 0, max: timeBounds.max });

const isRegistration = shape({
  workerId: name,
  jobName: name,
  backend: oneOf('embedded', 'flink'),
  host: text,
  pid: whole({ min: 1, max: 2 ** 31 - 1 }),
  configPath: text,
  configDigest: text,
  logFile: text,
  startedAt: since1970,
  failure: optional(text),
  labels: optional((value) => isFields(value) && Object.values(value).every(list(text))),
});

const tensors = list(
  shape({
    name: text,
    type: text,
    shape: list(nullable(whole())),
    openRank: optional(flag),
    aliases: optional(list(text)),
    layout: optional(oneOf('hwc')),
  }),
);
const percentiles = shape({ p50: figure, p95: figure, p99: figure });
const durations = shape({
  count: whole(),
  sumMs: figure,
  buckets: (value) => list(whole())(value) && (value as unknown[]).length === durationBucketsMs.length,
});

const timed = shape({ count: whole(), sumMs: figure });

const rolloutWish = { version: text, percent: figure, isShadow: flag };
const isRolloutWish = shape(rolloutWish);
const versionFigures = shape({
  version: optional(text),
  answered: whole(),
  failed: whole(),
  inferenceMs: percentiles,
});
const isRollout = shape({
  ...rolloutWish,
  since: since1970,
  served: versionFigures,
  next: versionFigures,
  agreement: optional(
    shape({ compared: whole(), agreed: whole(), difference: nullable(figure), skipped: whole() }),
  ),
});

const isReload = shape({
  by: oneOf(...reloadCauses),
  asked: optional(text),
  state: oneOf('loading', 'done', 'refused'),
  at: since1970,
  changed: optional(oneOf(...reloadChanges)),
  rollout: optional(isRolloutWish),
  compared: optional(whole()),
  difference: optional(nullable(figure)),
  refusal: optional(shape({ code: text, key: optional(text), message: text })),
});

const isHeartbeat = shape({
  workerId: name,
  jobName: name,
  at: since1970,
  state: oneOf('starting', 'ready', 'full', 'stopping'),
  modelType: text,
  modelFile: text,
  version: optional(text),
  reload: optional(isReload),
  reloads: optional(whole()),
  rollout: optional(isRollout),
  inputs: tensors,
  outputs: tensors,
  batched: flag,
  sharing: optional(shape({ shared: flag, reason: text })),
  forms: optional(list(text)),
  recordsEncrypted: optional(flag),
  rowsPerRecord: optional(whole({ min: 1, max: 2 ** 31 - 1 })),
  processed: whole(),
  failed: whole(),
  expired: whole(),
  shared: optional(whole()),
  overHttp: optional(whole()),
  httpUrl: optional(httpUrl),
  recordsPerSecond: figure,
  batchSize: shape({ mean: figure, max: whole() }),
  latencyMs: stages(percentiles),
  durations: optional(stages(durations)),
  inferences: optional(
    shape({
      runs: whole(),
      rows: whole(),
      lastAt: optional(since1970),
      ran: timed,
      succeeded: timed,
      failed: timed,
      batches: list(shape({ rows: whole(), count: whole(), sumMs: figure })),
    }),
  ),
  inHand: whole(),
  takenOver: whole(),
  reconnects: whole(),
  rssBytes: whole(),
  clockAheadMs: optional(signed),
});

const isEarlyBeat = shape({
  workerId: name,
  jobName: name,
  at: since1970,
  state: oneOf('waiting-for-secret', 'starting'),
  needs: optional(shape({ code: oneOf('model-secret-missing', 'model-secret-wrong'), message: text })),
});

const isFlinkJob = shape({
  jobId: (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value),
  jobName: name,
  flinkRestUrl: (value) => typeof value === 'string' && /^[^\s/]+:\d{1,5}$/.test(value),
  parallelism: whole({ min: 1, max: 2 ** 31 - 1 }),
  configPath: text,
  configDigest: text,
  host: text,
  startedAt: since1970,
  jar: optional(text),
});

const isFrontendBeat = shape({
  frontendId: name,
  url: httpUrl,
  host: text,
  pid: whole({ min: 1, max: 2 ** 31 - 1 }),
  startedAt: since1970,
  jobNames: list(text),
});

/** All named fields are right; others do no harm, since a newer program may write more. */
function shape(checks: Readonly<Record<string, Check>>): (value: unknown) => value is Fields {
  return (value): value is Fields =>
    isFields(value) && Object.entries(checks).every(([field, isRight]) => isRight(value[field]));
}

function stages(isRight: Check): Check {
  return shape({ queueWait: isRight, decode: isRight, inference: isRight, write: isRight });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(isRight: Check): Check {
  return (value) => Array.isArray(value) && value.every(isRight);
}

function optional(isRight: Check): Check {
  return (value) => value === undefined || isRight(value);
}

function nullable(isRight: Check): Check {
  return (value) => value === null || isRight(value);
}

function oneOf(...values: readonly string[]): Check {
  return (value) => values.some((known) => known === value);
}

function text(value: unknown): boolean {
  return typeof value === 'string' && value.length <= maxRegistryText;
}

function httpUrl(value: unknown): boolean {
  return text(value) && /^https?:\/\/\S+$/.test(value as string);
}

function name(value: unknown): boolean {
  return text(value) && value !== '';
}

function flag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function whole({ min, max }: Bounds = { min: 0, max: Number.MAX_SAFE_INTEGER }): Check {
  return (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function figure(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0 && (value as number) <= Number.MAX_SAFE_INTEGER;
}

function signed(value: unknown): boolean {
  return Number.isSafeInteger(value);
}
