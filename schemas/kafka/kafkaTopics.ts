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

/** Added here: the topic of records that were given up, as they were, with the reason in headers. A requeued one is noted by
 *  a message with the header `requeuedFrom`. */
export function deadTopic(jobName: string): string {
  return `cluster-serving_${jobName}_dead`;
}

/** Added here: what workers, frontends and starts say of themselves, and what they are asked for. One partition. */
export const registryTopic = 'cluster-serving_registry';

/** Headers of a record of the typed form, in place of the fields that it has in Redis. A record in JSON may have them too. */
export const recordHeaders = {
  uri: 'uri',
  serde: 'serde',
  /** In ms since 1970. */
  deadline: 'deadline',
  /** `typed`: the result is wanted in the typed form. */
  reply: 'reply',
  sharedBy: 'shared-by',
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

/** The header of a message among the dead letters that says which of them were put back: their ids, with blanks between. */
export const requeuedIdsHeader = 'requeued-ids';

/** What topics are made with that are not there yet. Replicas are as many as the broker's default says. */
export const topicSettings = {
  input: { 'retention.ms': String(7 * 86_400_000) },
  results: { 'retention.ms': String(86_400_000) },
  dead: { 'retention.ms': String(30 * 86_400_000) },
  registry: {
    'cleanup.policy': 'compact,delete',
    'retention.ms': String(86_400_000),
    'segment.ms': String(3_600_000),
  },
} as const;

/** Registrations are written again within this time, so that a reader that begins there finds all of them. */
export const registryLookBackMs = 15_000;

/** The longest message that is sent, as the broker's `message.max.bytes` allows by default, less what surrounds it. In bytes. */
export const maxMessageBytes = 1_048_576;
