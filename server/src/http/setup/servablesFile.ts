import { ServingError } from '../../../../schemas/errors.ts';
import { resultPrefix } from '../../../../schemas/redis/redisKeys.ts';
import type { Severity } from '../../../../schemas/config/problems.ts';
import { frontendOptions, type FrontendOptions } from '../../../../schemas/programs/frontendOptions.ts';
import { formatProblem } from '../../config/readConfig.ts';
import { readServables, type WrittenServable } from '../../config/servables.ts';
import { queueUsedOf } from './queueUsed.ts';
import type { ServableFacts } from './servableFacts.ts';

/** A model that has no job yet: it is served through one of its own. */
export interface UnservedModel {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly modelPath: string;
  /** Copies of the model. */
  readonly modelConCurrentNum: number;
  readonly features: readonly string[];
}

export interface ServablesFile {
  readonly servables: readonly ServableFacts[];
  readonly unservedModels: readonly UnservedModel[];
  /** A line for each thing that has no effect or is likely to be a mistake. */
  readonly warnings: readonly string[];
}

/** What holds for servables that do not say it. */
export type KafkaDefaults = Pick<FrontendOptions, 'queueUsed' | 'kafkaUrl'>;

/** Reads the text of a servables-conf.yaml.
 *  @param path  named in errors
 *  @throws ServingError "config-invalid" with a line for each error and its position
 *  @see BigDL serving http, ServableManager. Unlike there, a version may be written as a number. */
export function readServablesFile(
  text: string,
  path: string,
  kafka: KafkaDefaults = { queueUsed: 'redis', kafkaUrl: frontendOptions.kafkaUrl.default },
): ServablesFile {
  const { servables, problems } = readServables(text);
  const lines = (wanted: Severity) =>
    problems
      .filter(({ severity }) => severity === wanted)
      .map((problem) => formatProblem(path, text, problem));
  const errors = lines('error');
  if (errors.length > 0) throw new ServingError('config-invalid', errors.join('\n'));
  const tagged = (wanted: string) => servables.filter(({ tag }) => tag === wanted).map(reader);
  return {
    servables: tagged('ClusterServingMetaData').map((read) => clusterServing(read, kafka)),
    unservedModels: tagged('InferenceModelMetaData').map(unservedModel),
    warnings: lines('warning'),
  };
}

/** Nothing written is the default. */
interface Reader {
  text(name: string, fallback?: string): string;
  int(name: string, fallback: number): number;
  boolean(name: string): boolean;
  texts(name: string): readonly string[];
}

function reader({ fields }: WrittenServable): Reader {
  const text = (name: string) => fields.get(name)?.text ?? '';
  return {
    text: (name, fallback = '') => text(name) || fallback,
    int: (name, fallback) => (text(name) === '' ? fallback : Number(text(name))),
    boolean: (name) => text(name).toLowerCase() === 'true',
    texts: (name) => fields.get(name)?.texts ?? [],
  };
}

function clusterServing(read: Reader, kafka: KafkaDefaults): ServableFacts {
  const redisInputQueue = read.text('redisInputQueue', 'serving_stream');
  const compileType = read.text('inputCompileType', 'direct');
  return {
    modelName: read.text('modelName'),
    modelVersion: read.text('modelVersion'),
    // One that names a Redis is there, whatever the frontend itself uses.
    queueUsed: queueUsedOf(read.text('queueUsed', read.text('redisHost') === '' ? kafka.queueUsed : 'redis')),
    kafkaUrl: read.text('kafkaUrl', kafka.kafkaUrl),
    redisHost: read.text('redisHost', 'localhost'),
    redisPort: read.int('redisPort', 6379),
    redisInputQueue,
    redisOutputQueue: read.text('redisOutputQueue', resultPrefix(redisInputQueue)),
    timeWindow: read.int('timeWindow', 0),
    countWindow: read.int('countWindow', 56),
    tokenBucketEnabled: read.boolean('tokenBucketEnabled'),
    tokensPerSecond: Math.max(1, read.int('tokensPerSecond', 100)),
    redisSecureEnabled: read.boolean('redisSecureEnabled'),
    redisTrustStorePath: read.text('redisTrustStorePath', ''),
    redisTrustStoreToken: read.text('redisTrustStoreToken', ''),
    inputCompileType: compileType === 'instance' ? 'instance' : 'direct',
    features: read.texts('features'),
  };
}

function unservedModel(read: Reader): UnservedModel {
  return {
    modelName: read.text('modelName'),
    modelVersion: read.text('modelVersion'),
    modelPath: read.text('modelPath'),
    modelConCurrentNum: Math.max(1, read.int('modelConCurrentNum', 1)),
    features: read.texts('features'),
  };
}
