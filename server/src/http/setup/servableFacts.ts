import type { Config } from '../../../../schemas/config/configKeys.ts';
import { queueUsedOf } from './queueUsed.ts';
import type { FrontendOptions } from '../../../../schemas/programs/frontendOptions.ts';

/** One model as servables-conf.yaml describes it; what `GET /models` shows, except the secrets. */
export interface ServableFacts {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly queueUsed: Config['queueUsed'];
  readonly kafkaUrl: string;
  readonly redisHost: string;
  readonly redisPort: number;
  /** The stream: the name of the job. */
  readonly redisInputQueue: string;
  /** What the keys of results begin with. */
  readonly redisOutputQueue: string;
  readonly timeWindow: number;
  readonly countWindow: number;
  readonly tokenBucketEnabled: boolean;
  readonly tokensPerSecond: number;
  readonly redisSecureEnabled: boolean;
  readonly redisTrustStorePath: string;
  readonly redisTrustStoreToken: string;
  readonly inputCompileType: 'direct' | 'instance';
  readonly features: readonly string[];
}

/** A job that is reached as the frontend's options say. */
export function factsOf(
  options: FrontendOptions,
  job: Pick<
    ServableFacts,
    'modelName' | 'modelVersion' | 'redisInputQueue' | 'redisOutputQueue' | 'features'
  >,
): ServableFacts {
  return {
    ...job,
    queueUsed: queueUsedOf(options.queueUsed),
    kafkaUrl: options.kafkaUrl,
    redisHost: options.redisHost,
    redisPort: options.redisPort,
    timeWindow: options.timeWindow,
    countWindow: options.countWindow,
    tokenBucketEnabled: options.tokenBucketEnabled,
    tokensPerSecond: options.tokensPerSecond,
    redisSecureEnabled: options.redisSecureEnabled,
    redisTrustStorePath: options.redissTrustStorePath,
    redisTrustStoreToken: options.redissTrustStoreToken,
    inputCompileType: 'instance',
  };
}

/** As the original shows it: the port is text, and whatever concerns trust stores is starred. */
export function shownFacts(facts: ServableFacts): Record<string, unknown> {
  return {
    modelName: facts.modelName,
    modelVersion: facts.modelVersion,
    ...(facts.queueUsed === 'kafka' ? { queueUsed: facts.queueUsed, kafkaUrl: facts.kafkaUrl } : {}),
    redisHost: facts.redisHost,
    redisPort: String(facts.redisPort),
    redisInputQueue: facts.redisInputQueue,
    redisOutputQueue: facts.redisOutputQueue,
    timeWindow: facts.timeWindow,
    countWindow: facts.countWindow,
    tokenBucketEnabled: facts.tokenBucketEnabled,
    tokensPerSecond: facts.tokensPerSecond,
    redisSecureEnabled: facts.redisSecureEnabled,
    redisTrustStorePath: '*******',
    redisTrustStoreToken: '*******',
    inputCompileType: facts.inputCompileType,
    features: facts.features,
  };
}
