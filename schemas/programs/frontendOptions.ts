import { kafkaPort } from '../kafka/kafkaTopics.ts';
import { logFormats } from '../logs.ts';
import { httpDefaults } from './httpDefaults.ts';

/** What one option of the HTTP frontend is. */
interface Row {
  /** One sentence, for the help and the docs. */
  readonly meaning: string;
  /** Other names that are read, too. */
  readonly aliases?: readonly string[];
  /** Options that the original does not know. */
  readonly notInOriginal?: true;
  /** Why it has no effect where a worker answers HTTP itself, and what has one there. */
  readonly withinWorker?: string;
}

const ofConfig = 'Redis and the job are those of the config.';
const ofBatches = 'nothing is written to Redis; batchTimeoutMs of the config makes batches wait.';

export type FrontendOption =
  | (Row & { readonly type: 'text' | 'path' | 'secret'; readonly default: string })
  | (Row & { readonly type: 'boolean'; readonly default: boolean })
  | (Row & { readonly type: 'enum'; readonly default: string; readonly values: readonly string[] })
  | (Row & {
      readonly type: 'int';
      readonly default: number;
      readonly min: number;
      readonly max?: number;
      readonly unit?: string;
    });

/** Every option of the HTTP frontend. From this table come the parser, its help, the type and the table of the docs. */
export const frontendOptions = {
  interface: { type: 'text', default: httpDefaults.interface, meaning: 'The address to listen on.' },
  port: {
    type: 'int',
    default: httpDefaults.port,
    min: 0,
    max: 65535,
    withinWorker: 'the port follows --http, or is httpPort of the config.',
    meaning: 'The port for HTTP; 0 takes a free one.',
  },
  redisHost: { type: 'text', default: 'localhost', withinWorker: ofConfig, meaning: 'The host of Redis.' },
  redisPort: {
    type: 'int',
    default: 6379,
    min: 1,
    max: 65535,
    withinWorker: ofConfig,
    meaning: 'The port of Redis.',
  },
  redisInputQueue: {
    type: 'text',
    default: 'serving_stream',
    withinWorker: ofConfig,
    meaning: 'The stream that records are put into: the name of the job.',
  },
  redisOutputQueue: {
    type: 'text',
    default: '',
    withinWorker: ofConfig,
    meaning: "What the keys of results begin with; empty follows the job's name: cluster-serving_<job>:.",
  },
  parallelism: {
    type: 'int',
    default: 1000,
    min: 1,
    unit: 'requests',
    meaning: 'How many requests are worked on at the same time; further ones are answered 503.',
  },
  timeWindow: {
    type: 'int',
    default: 0,
    min: 0,
    unit: 'ms',
    withinWorker: ofBatches,
    meaning: 'How long inputs are collected before they are written to Redis together.',
  },
  countWindow: {
    type: 'int',
    default: 56,
    min: 1,
    unit: 'records',
    withinWorker: ofBatches,
    meaning: 'How many inputs end that wait early.',
  },
  tokenBucketEnabled: {
    type: 'boolean',
    default: false,
    meaning: 'Whether the rate of predictions is limited.',
  },
  tokensPerSecond: {
    type: 'int',
    default: 100,
    min: 1,
    unit: 'requests/s',
    meaning: 'The rate that is let through.',
  },
  tokenAcquireTimeout: {
    type: 'int',
    default: 100,
    min: 0,
    unit: 'ms',
    meaning: 'How long a request may wait for its turn before it is answered 429.',
  },
  httpsEnabled: { type: 'boolean', default: false, meaning: 'Whether HTTPS is served, too.' },
  securePort: { type: 'int', default: 10023, min: 0, max: 65535, meaning: 'The port for HTTPS.' },
  httpsKeyStorePath: {
    type: 'path',
    default: '',
    meaning: 'The PKCS#12 file with the key and the certificate.',
  },
  httpsKeyStoreToken: { type: 'secret', default: '', meaning: 'The password of that file.' },
  httpsKeyPath: {
    type: 'path',
    default: '',
    notInOriginal: true,
    meaning: 'The key as PEM, instead of a key store.',
  },
  httpsCertPath: { type: 'path', default: '', notInOriginal: true, meaning: 'The certificate chain as PEM.' },
  redisSecureEnabled: {
    type: 'boolean',
    default: false,
    withinWorker: ofConfig,
    meaning: 'Whether the connection to Redis uses TLS.',
  },
  // The doubled s is the original's spelling.
  redissTrustStorePath: {
    type: 'path',
    default: '',
    aliases: ['redisTrustStorePath', 'redisSecureTrustStorePath'],
    withinWorker: ofConfig,
    meaning: 'The certificates (PKCS#12 or PEM) that Redis is checked against.',
  },
  redissTrustStoreToken: {
    type: 'secret',
    default: '',
    aliases: ['redisTrustStoreToken', 'redisSecureTrustStorePassword'],
    withinWorker: ofConfig,
    meaning: 'The password of that file.',
  },
  redisUsername: {
    type: 'text',
    default: '',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The user that signs in to Redis.',
  },
  redisPassword: {
    type: 'secret',
    default: '',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The password of that user.',
  },
  redisTimeout: {
    type: 'int',
    default: 5000,
    min: 1,
    unit: 'ms',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'How long Redis may take to accept a connection or answer a command.',
  },
  queueUsed: {
    type: 'text',
    default: 'redis',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'Where records are put: redis or kafka.',
  },
  kafkaUrl: {
    type: 'text',
    default: `localhost:${kafkaPort}`,
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The addresses of the Kafka brokers, host:port with commas between.',
  },
  kafkaUsername: {
    type: 'text',
    default: '',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The user that signs in to Kafka by SASL.',
  },
  kafkaPassword: {
    type: 'secret',
    default: '',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The password of that user.',
  },
  kafkaSaslMechanism: {
    type: 'text',
    default: 'PLAIN',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'How that user signs in: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.',
  },
  kafkaTimeout: {
    type: 'int',
    default: 5000,
    min: 1,
    unit: 'ms',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'How long Kafka may take to accept a connection or answer a request.',
  },
  kafkaSecureEnabled: {
    type: 'boolean',
    default: false,
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'Whether the connection to Kafka uses TLS.',
  },
  kafkaSecureTrustStorePath: {
    type: 'path',
    default: '',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The certificates (PKCS#12 or PEM) that Kafka is checked against.',
  },
  kafkaSecureTrustStorePassword: {
    type: 'secret',
    default: '',
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning: 'The password of that file.',
  },
  servableManagerConfPath: {
    type: 'path',
    default: './servables-conf.yaml',
    meaning: 'The list of models behind /models; nothing is served there when the file is missing.',
  },
  predictTimeout: {
    type: 'int',
    default: 60_000,
    min: 1,
    unit: 'ms',
    notInOriginal: true,
    meaning: 'How long a request waits for its results when it names no deadline of its own.',
  },
  maxBodyBytes: {
    type: 'int',
    default: 64 * 1024 * 1024,
    min: 1024,
    unit: 'bytes',
    notInOriginal: true,
    meaning: 'The largest body that is taken, as it comes and unpacked.',
  },
  maxUnpackRatio: {
    type: 'int',
    default: 200,
    min: 1,
    notInOriginal: true,
    meaning: 'How many times as large as it came a body of more than 1 MB may unpack.',
  },
  maxInstances: {
    type: 'int',
    default: 1000,
    min: 1,
    unit: 'instances',
    notInOriginal: true,
    meaning: 'The most instances of one request; each is a record of its own.',
  },
  bodyTimeout: {
    type: 'int',
    default: 30_000,
    min: 100,
    unit: 'ms',
    notInOriginal: true,
    meaning: 'How long a client may take to send a request.',
  },
  maxBacklog: {
    type: 'int',
    default: 100_000,
    min: 1,
    unit: 'records',
    notInOriginal: true,
    meaning: "With more records waiting in the job's stream, predictions are answered 503.",
  },
  drainDelay: {
    type: 'int',
    default: 0,
    min: 0,
    unit: 'ms',
    notInOriginal: true,
    meaning: 'How long a stopping frontend goes on serving while it already says that it is not ready.',
  },
  unregisteredWorkers: {
    type: 'boolean',
    default: false,
    notInOriginal: true,
    withinWorker: ofConfig,
    meaning:
      'Serve a job whose workers do not register, as those of the original; nothing is known of its model then.',
  },
  apiKey: {
    type: 'secret',
    default: '',
    notInOriginal: true,
    meaning: 'Requests must carry it as Authorization: Bearer; better given in CLUSTER_SERVING_API_KEY.',
  },
  corsOrigin: {
    type: 'text',
    default: '',
    notInOriginal: true,
    meaning: 'Pages of this origin may call from a browser; empty allows none.',
  },
  allowedHosts: {
    type: 'text',
    default: '',
    notInOriginal: true,
    meaning:
      'Names, with commas between them, under which browsers may reach a frontend that listens on this machine only, behind a proxy.',
  },
  accessLog: {
    type: 'boolean',
    default: true,
    notInOriginal: true,
    meaning: 'Whether each request is logged, with its route, status and duration.',
  },
  logFormat: {
    type: 'enum',
    values: logFormats,
    default: 'json',
    aliases: ['log-format'],
    notInOriginal: true,
    meaning: 'How the log is written: json with one object a line, or text for people.',
  },
} as const satisfies Record<string, FrontendOption>;

export type FrontendOptionName = keyof typeof frontendOptions;

type ValueOf<Row extends FrontendOption> = Row extends { readonly type: 'enum' }
  ? Row['values'][number]
  : Row extends { readonly type: 'int' }
    ? number
    : Row extends { readonly type: 'boolean' }
      ? boolean
      : string;

/** The options once they are read: each has a value. */
export type FrontendOptions = {
  readonly [Name in FrontendOptionName]: ValueOf<(typeof frontendOptions)[Name]>;
};

/** The variable of the environment in which a worker that answers HTTP gets what was given on the command line, as JSON: a
 *  list of `name=value`. They may hold secrets, and arguments of processes are for all to see. */
export const workerOptionsVariable = 'CLUSTER_SERVING_WORKER_HTTP';
