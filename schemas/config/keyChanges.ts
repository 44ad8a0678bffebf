import type { KeyName } from './configKeys.ts';

/** What a running worker does with a change of a key:
 *  `live`: it counts from the next batch on; `load`: the model is loaded beside the old one, and takes its place when it is
 *  warm; `restart`: nothing of the config is taken over until the job is started again; `none`: a worker does not read it. */
export type KeyChange = 'live' | 'load' | 'restart' | 'none';

/** For people, of a key's row: one sentence. */
export const changeTexts: Readonly<Record<KeyChange, string>> = {
  live: 'A running job takes a change from the next batch on.',
  load: 'A running job takes a change by loading the model beside the old one.',
  restart: 'A change needs a restart of the job.',
  none: 'A change counts with the next start.',
};

export const keyChanges: Readonly<Record<KeyName, KeyChange>> = {
  modelPath: 'load',
  version: 'load',
  jobName: 'restart',
  backend: 'restart',
  reload: 'live',
  reloadMaxDifferencePercent: 'live',
  runtime: 'load',
  openvinoPath: 'load',
  python: 'load',
  allowPickle: 'load',
  inferenceTimeoutMs: 'load',
  inferencePrecision: 'load',
  postProcessing: 'live',
  labelResults: 'live',
  imageResize: 'live',
  inputAlreadyBatched: 'live',
  coreNumberPerMachine: 'load',
  modelParallelism: 'load',
  threadPerModel: 'load',
  batchSize: 'live',
  batching: 'load',
  batchTimeoutMs: 'live',
  maxDeliveries: 'live',
  claimIdleMs: 'live',
  resultTtlSeconds: 'live',
  httpPort: 'restart',
  httpInterface: 'restart',
  flinkRestUrl: 'none',
  queueUsed: 'restart',
  kafkaUrl: 'restart',
  kafkaUsername: 'restart',
  kafkaPassword: 'restart',
  kafkaSaslMechanism: 'restart',
  kafkaTimeout: 'restart',
  kafkaSecureEnabled: 'restart',
  kafkaSecureTrustStorePath: 'restart',
  kafkaSecureTrustStorePassword: 'restart',
  redisUrl: 'restart',
  redisUsername: 'restart',
  redisPassword: 'restart',
  redisMaxMemory: 'none',
  redisTimeout: 'restart',
  redisSecureEnabled: 'restart',
  redisSecureTrustStorePath: 'restart',
  redisSecureTrustStorePassword: 'restart',
  modelEncrypted: 'load',
  recordEncrypted: 'restart',
  logFormat: 'none',
  logMaxMegabytes: 'none',
  logFiles: 'none',
};
