/** Every name that this project uses in Redis. The first seven are the original's and cannot change. */

/** The consumer group of a job's input stream. */
export const servingGroup = 'serving';

/** The one field of a result hash. */
export const resultField = 'value';

/** What stands in place of a result when a record could not be answered. */
export const unanswerable = 'NaN';

/** Result hashes are named by this, then the record's `uri`. */
export function resultPrefix(jobName: string): string {
  return `cluster-serving_${jobName}:`;
}

/** The hash that holds the secret and the salt of encrypted models. */
export const secretsKey = 'model_secured';

/** The hash that holds those of encrypted records. The original names it and reads it nowhere. */
export const recordSecretsKey = 'record_secured';

/** The fields of both. */
export const secretFields = { secret: 'secret', salt: 'salt' } as const;

/** Added here: the field of a record with the deadline of its result, in ms since 1970 by Redis's clock. A record without it, as the original's clients write it, is always answered. */
export const deadlineField = 'deadline';

/** Added here: the field of a record that says how many requests of an HTTP frontend share it, each with rows of its own. Whatever
 *  becomes of such a record, the frontend still has the requests: it asks for each by itself where there is no result. */
export const sharedByField = 'shared-by';

/** Added here: the field of a record that names the version of the model which is to answer it, while a rollout runs. An HTTP frontend
 *  has chosen it, and names it in its answer. Where a worker does not serve it, it is as if the field were not there. */
export const versionField = 'version';

/** The field `serde` of a record whose payload is of the typed form (`codec/typedForm.ts`); the original's are Arrow without
 *  the field, and "stream". */
export const typedSerde = 'typed';

/** The first byte of records and results of the typed form. Neither base64, JSON nor a filter's text begins with it. */
export const typedFormMark = 0x01;

/** Added here: the field of a record that asks for its result in the typed form, with the value `typedSerde`. */
export const replyField = 'reply';

/** The forms of records and results that a worker may read and write. Workers that say nothing read the original's. */
export type RecordForm = 'original' | 'typed';

/** Added here: the stream of records that were given up, with their original fields and the reason. */
export function deadStream(jobName: string): string {
  return `${jobName}:dead`;
}

/** Fields that a dead letter has beside the record's own. */
export const deadFields = {
  reason: 'dead-reason',
  time: 'dead-time',
  deliveries: 'dead-deliveries',
  id: 'dead-id',
  /** The consumer that had it in flight; absent when no worker had. */
  worker: 'dead-worker',
} as const;

/** What stands as the reason of a record that a person has taken out of the queue. */
export const killedReason = 'killed: taken out of the queue by hand';

/** Added here: how often a record was put back from the dead letters. */
export const requeuedField = 'requeued';

/** A dead-letter stream keeps about this many entries; the oldest go first. */
export const maxDeadLetters = 10_000;

/** Added here: a hash from worker id to its registration (JSON of `Registration`), kept until the worker stops cleanly. */
export const workersKey = 'cluster-serving:workers';

/** Added here: a hash from Flink's id of a job to its record (JSON of `FlinkJobRecord`), kept until the job is stopped. */
export const flinkJobsKey = 'cluster-serving:flink-jobs';

/** Added here: a worker's last heartbeat (JSON of `Heartbeat`), which expires when the worker dies. */
export function heartbeatKey(workerId: string): string {
  return `cluster-serving:worker:${workerId}`;
}

/** Added here: set to ask a worker, on whatever machine, to stop. */
export function stopKey(workerId: string): string {
  return `cluster-serving:stop:${workerId}`;
}

/** Added here: set to ask a worker, on whatever machine, for a reload; it takes the key away. The value is `command`,
 *  `rollback`, `promote` or `abort`, a blank, and an id, which is in the worker's report of what came of it; or `rollout`, such an
 *  id, the version, the percentage, and `shadow` or `visible`. */
export function reloadKey(workerId: string): string {
  return `cluster-serving:reload:${workerId}`;
}

/** Added here: never there; what is written to find out whether Redis takes writes, in a way that writes nothing. */
export const writeProbeKey = 'cluster-serving:write-probe';

/** Added here: a hash of what a job's workers have in their models, and of what became of it. Its fields are `runningField` with
 *  a consumer's name: the ids of the records in its model, and `deathsField` with the id of a record that the model had when
 *  a worker died, or hung: how many did while it was alone there. `strayField` is how many of these deaths had another cause,
 *  and when the last one was found out, in ms by Redis's clock. */
export function runsKey(jobName: string): string {
  return `cluster-serving:runs:${jobName}`;
}
export const runningField = 'running:';
export const deathsField = 'deaths:';
export const strayField = 'stray';

/** Added here: a hash from an HTTP frontend's id to its report (JSON of `FrontendBeat`), after the time by Redis's clock, in
 *  ms, at which the entry is no longer true. It goes with the last frontend. */
export const frontendsKey = 'cluster-serving:frontends';

/** Added here: set to ask an HTTP frontend, on whatever machine, to stop. */
export function stopFrontendKey(frontendId: string): string {
  return `cluster-serving:stop-http:${frontendId}`;
}

/** Added here: held while a job is being started, so that two starts at once cannot both succeed. */
export function startLockKey(jobName: string): string {
  return `cluster-serving:starting:${jobName}`;
}

/** Workers name their consumers by this and the worker id; any other consumer is the original's, which never acknowledges. */
export const consumerPrefix = 'cs-';

/** Stands between the name of a worker on Flink and that of one of its processes in the names of their consumers. */
export const processMark = '.';

/** How often a worker says that it lives, and after how long without it is taken for dead. */
export const heartbeatIntervalMs = 1_000;
export const heartbeatTtlMs = 5_000;

/** Two clocks that differ by more than this, in ms, are said to differ. */
export const maxClockSkewMs = 2_000;

/** Added here: the channel on which results that were asked for over HTTP are published. A message has for each the line of its
 *  `uri`, a line with the length of its value in bytes, and that value; the length is 0 where the value is large. */
export function answeredChannel(jobName: string): string {
  return `${answeredPrefix}${jobName}`;
}
export const answeredPrefix = 'cluster-serving:answered:';

/** What the `uri`s of such records begin with. */
export const askedOverHttp = 'http-';
