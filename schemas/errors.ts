/** What can go wrong in the world (not in the user's text): one code, one line of meaning, for programs to act on. */
export const errorCodes = {
  'config-unreadable': 'The config file is missing or cannot be read.',
  'config-invalid': 'The config file has errors; nothing was started.',
  'wrong-use': 'The command line was used wrongly.',
  'redis-refused': 'Nothing listens where redisUrl points.',
  'redis-timeout': 'Redis does not answer within redisTimeout.',
  'redis-auth': 'Redis asks for a password, or refuses the one given.',
  'redis-tls': 'The TLS handshake with Redis failed.',
  'redis-dns': 'The host of redisUrl is not known.',
  'redis-not-redis': 'What answers at redisUrl does not speak the Redis protocol.',
  'redis-lost': 'The connection to Redis was lost.',
  'redis-loading': 'Redis is still loading its data.',
  'redis-full': 'Redis has reached its maxmemory.',
  'redis-refusing': 'Redis refuses commands for now.',
  'redis-too-large': 'Redis does not take a value of this size.',
  'redis-rights': 'The Redis user may not do what is needed.',
  'redis-replica': 'The Redis is a replica, which takes no writes.',
  'redis-cluster': 'The Redis is a node of a Redis Cluster.',
  'redis-sentinel': 'What answers at redisUrl is a Redis Sentinel.',
  'redis-too-old': 'The Redis server is older than 6.2.',
  'redis-missing': 'No redis-server program was found to start.',
  'redis-failed': 'Redis answered with an error.',
  'kafka-refused': 'Nothing listens where kafkaUrl points.',
  'kafka-timeout': 'Kafka does not answer within kafkaTimeout.',
  'kafka-auth': 'Kafka asks for a user name, or refuses the one given or its password.',
  'kafka-tls': 'The TLS handshake with Kafka failed.',
  'kafka-dns': 'The host of kafkaUrl, or of a broker that Kafka names, is not known.',
  'kafka-not-kafka': 'What answers at kafkaUrl does not speak the protocol of Kafka.',
  'kafka-lost': 'The connection to Kafka was lost.',
  'kafka-unavailable': 'Kafka cannot do that for now, such as while a broker starts.',
  'kafka-topic-missing': 'The topic is not there.',
  'kafka-too-large': 'Kafka does not take a message of this size.',
  'kafka-rights': 'The Kafka user may not do what is needed.',
  'kafka-too-old': 'The broker is older than 3.1.',
  'kafka-append-only': 'A topic of Kafka only grows: what is asked for would take something out of it.',
  'kafka-failed': 'Kafka answered with an error.',
  'trust-store-unreadable': 'The trust store is missing, has another format, or another password.',
  'model-missing': 'The model folder is missing or cannot be read.',
  'model-damaged': 'A file of the model is not what its name says, or not whole.',
  'model-undetected': 'The model folder does not hold exactly one known model.',
  'model-unsupported': 'The chosen backend cannot run a model of this type.',
  'runtime-missing': 'The runtime that the model needs is not installed on this machine.',
  'runtime-install-failed': 'A runtime could not be fetched or unpacked.',
  'convert-failed': 'The model could not be converted to ONNX.',
  'model-load-failed': 'The model file could not be loaded.',
  'model-secret-missing': 'The model is encrypted, and its secret is not in Redis.',
  'model-secret-wrong': 'The secret in Redis does not decrypt the model.',
  'model-run-failed': 'The model failed on an input.',
  'model-process-died': 'The process that runs the model died or did not answer in time.',
  'model-pickled':
    'The model is a pickle, which runs code when it is loaded, and the config does not allow it.',
  'not-supported': 'The config asks for something this version cannot do.',
  'job-running': 'A job of this name already runs on this Redis.',
  'job-unknown': 'No job of this name is known.',
  'job-failed': 'The job ended by itself.',
  'job-not-stopping': 'The job did not end in time.',
  'reload-refused': 'A running job does not take the new config or model; it goes on as before.',
  'reload-unanswered': 'A worker did not say in time what became of a reload.',
  'frontend-unknown': 'No HTTP frontend of this address or id is known.',
  'frontend-not-stopping': 'The HTTP frontend did not end in time.',
  'flink-refused': 'Nothing answers where flinkRestUrl points.',
  'flink-not-flink': 'What answers at flinkRestUrl is not the REST interface of Flink.',
  'flink-version': 'The Flink cluster is of a version that the job does not run on.',
  'flink-slots': 'The Flink cluster has fewer free slots than modelParallelism.',
  'flink-jar-refused': 'The Flink cluster refused the jar of the job, or could not begin it.',
  'flink-program': 'What workers on Flink run on could not be fetched or put together.',
  'flink-failed': 'Flink answered with an error.',
  'flink-missing': 'No Flink was found to start or to submit with: FLINK_HOME is not set, or is no Flink.',
  'state-unwritable': 'The state folder or the log file cannot be written.',
  'record-unknown': 'No record of this id is in the queue or among the dead letters.',
  'record-undecodable': 'The record is not a valid payload.',
  'record-undecryptable': 'An image of the record does not decrypt.',
  'input-mismatch': "The record does not fit the model's inputs.",
  unexpected: 'The program has a bug: its log has the stack.',
  'result-refused': 'Redis does not take the result of the record.',
  'delivery-limit': 'The record was delivered too often without an answer.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCodes;

/** The world failed. The message says what, where and what to do; caught only at the edges.
 *  This class is the one piece of logic in schemas: every room throws it and every edge maps it. */
export class ServingError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ServingError';
    this.code = code;
  }
}

/** The text of anything thrown, for a log line or the tail of a message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a file or a folder cannot be read, for the tail of a message: the words of the system name its calls instead. */
export function whyUnreadable(error: unknown): string {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'it is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    default:
      return messageOf(error);
  }
}
