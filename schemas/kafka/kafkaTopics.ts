/** Every name that this project uses in Kafka, and what its topics are made with. The group and the first two topics are the
 *  original's and cannot change. Times and sizes of topics are written as Kafka's own settings take them. */

/** Where a broker listens that says nothing else. */
export const kafkaPort = 9092;

/** The consumer group of a job's input topic. */
export const kafkaGroup = 'serving';

/** The topic of a job's records has the job's name. A value is JSON text `{"uri","data"[,"serde"]}`, or the payload of the typed
 *  form, with what else belongs to it in headers. */
export function inputTopic(jobName: string): string {
  return jobName;
}

/** The topic of results: the key is the record's `uri`, the value what a client reads. */
export function resultTopic(jobName: string): string {
  return `cluster-serving_${jobName}`;
}

/** Added here: the topic of records that were given up, as they were, with the reason in headers; see `deadPartitions`.
 *  Their headers are those of the record, and `deadHeaders`. */
export function deadTopic(jobName: string): string {
  return `cluster-serving_${jobName}_dead`;
}

/** Added here: what workers, frontends and starts say of themselves, and what they are asked for. */
export const registryTopic = 'cluster-serving_registry';

/** A topic's name has at most 249 characters; the longest one of a job is that of its dead letters. */
export const maxJobNameInKafka = 249 - deadTopic('').length;

/** Names of jobs whose topics would be those of another job, or the registry. */
export const takenJobNames = { is: 'registry', beginsWith: 'cluster-serving_', endsWith: '_dead' } as const;

export function isTakenInKafka(jobName: string): boolean {
  const { is, beginsWith, endsWith } = takenJobNames;
  return jobName === is || jobName.startsWith(beginsWith) || jobName.endsWith(endsWith);
}

/** Headers of a record of the typed form, in place of the fields that it has in Redis. A record in JSON may have them too. */
export const recordHeaders = {
  uri: 'uri',
  serde: 'serde',
  /** In ms since 1970. */
  deadline: 'deadline',
  /** `typed`: the result is wanted in the typed form. */
  reply: 'reply',
  sharedBy: 'shared-by',
  /** Of the model, as the field of a record in Redis. */
  version: 'version',
  /** How often the record was put back from the dead letters. */
  requeued: 'requeued',
} as const;

/** Headers of a dead letter beside the record's own. */
export const deadHeaders = {
  reason: 'dead-reason',
  code: 'dead-code',
  /** In ms since 1970. */
  time: 'dead-time',
  deliveries: 'dead-deliveries',
  /** `partition-offset` in the input topic. */
  id: 'dead-id',
  worker: 'dead-worker',
} as const;

/** The partitions of a topic of dead letters: the letters, and an empty message for each one that was put back, whose key is the
 *  offset of the letter. */
export const deadPartitions = { letters: 0, requeued: 1 } as const;

/** The partitions of the registry: what is written rarely and is read as a whole, and heartbeats, of which the last seconds are. */
export const registryPartitions = { entries: 0, beats: 1 } as const;

/** What the keys of the registry's messages begin with; an id follows. */
export const registryKeys = {
  /** JSON of `Registration`. */
  worker: 'worker:',
  /** JSON of `Heartbeat` or `EarlyBeat`. */
  beat: 'beat:',
  /** JSON of `FrontendBeat`. */
  frontend: 'frontend:',
  /** `stop`, or what `reloadKey` in Redis holds. */
  ask: 'ask:',
  /** `stop`. */
  askFrontend: 'ask-http:',
  /** JSON of `StartLockEntry`. A random token follows; a message without a value releases the lock. */
  lock: 'lock:',
  /** Without a value: written to see the broker's clock. */
  clock: 'clock:',
} as const;

/** The lock on a job's start: the first holder in the order of the log has it, until it releases it or does not renew it in time. */
export interface StartLockEntry {
  readonly jobName: string;
  /** Who starts it: JSON of `Starter`, with the token. */
  readonly holder: string;
  readonly ms: number;
}

/** What topics are made with that are not there yet. Replicas are as many as the broker's default says. */
export const topicSettings = {
  input: { 'retention.ms': String(7 * 86_400_000) },
  results: { 'retention.ms': String(86_400_000) },
  dead: { 'retention.ms': String(30 * 86_400_000) },
  registry: {
    'cleanup.policy': 'compact,delete',
    // So that all readers go by one clock.
    'message.timestamp.type': 'LogAppendTime',
    'retention.ms': String(7 * 86_400_000),
    'retention.bytes': String(64 * 1024 * 1024),
    'segment.ms': String(3_600_000),
    'segment.bytes': String(8 * 1024 * 1024),
    'min.cleanable.dirty.ratio': '0.1',
  },
} as const;

/** Of heartbeats, a reader that begins looks at those of this time, in ms. */
export const registryLookBackMs = 15_000;

/** A registration is written again this often: what is older than the topic's retention is deleted. */
export const registrationRenewalMs = 3_600_000;
