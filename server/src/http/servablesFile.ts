import { parseDocument, isMap, isSeq, type CollectionTag, type YAMLMap } from 'yaml';
import { ServingError } from '../../../schemas/errors.ts';
import { resultPrefix } from '../../../schemas/redisKeys.ts';
import type { ServableFacts } from './servableFacts.ts';

/** A model that has no job yet: it is served through one of its own. */
export interface OwnModel {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly modelPath: string;
  /** Copies of the model. */
  readonly modelConCurrentNum: number;
  readonly features: readonly string[];
}

export interface ServablesFile {
  readonly servables: readonly ServableFacts[];
  readonly ownModels: readonly OwnModel[];
}

const tags = ['!<ClusterServingMetaData>', '!<InferenceModelMetaData>'];

/** Reads the text of a servables-conf.yaml.
 *  @param path  named in errors
 *  @throws ServingError "config-invalid"
 *  @see BigDL serving http, ServableManager. Ours: a version may be written as a number. */
export function readServables(text: string, path: string): ServablesFile {
  const customTags: CollectionTag[] = ['ClusterServingMetaData', 'InferenceModelMetaData'].map((tag) => ({
    tag,
    collection: 'map',
  }));
  const document = parseDocument(text, { customTags });
  const invalid = (what: string) => new ServingError('config-invalid', `${path}: ${what}`);
  const [error] = document.errors;
  if (error) throw invalid(error.message);
  const list: unknown = document.get('modelMetaDataList');
  if (!isSeq(list)) throw invalid('it needs a list modelMetaDataList.');
  const servables: ServableFacts[] = [];
  const ownModels: OwnModel[] = [];
  list.items.forEach((item, i) => {
    const where = `modelMetaDataList[${i}]`;
    if (!isMap(item)) throw invalid(`${where} must be a mapping tagged ${tags.join(' or ')}.`);
    const read = reader(item, (what) => invalid(`${where}: ${what}`));
    if (item.tag === 'ClusterServingMetaData') servables.push(clusterServing(read));
    else if (item.tag === 'InferenceModelMetaData') ownModels.push(ownModel(read));
    else throw invalid(`${where} must be tagged ${tags.join(' or ')}.`);
  });
  const seen = new Set<string>();
  for (const { modelName, modelVersion } of [...servables, ...ownModels]) {
    const key = JSON.stringify([modelName, modelVersion]);
    if (seen.has(key)) throw invalid(`the model ${modelName}, version ${modelVersion}, comes twice.`);
    seen.add(key);
  }
  return { servables, ownModels };
}

interface Reader {
  text(name: string, fallback?: string): string;
  int(name: string, fallback: number): number;
  boolean(name: string): boolean;
  texts(name: string): readonly string[];
}

function reader(item: YAMLMap, invalid: (what: string) => ServingError): Reader {
  const values = item.toJSON() as Readonly<Record<string, unknown>>;
  const scalar = (name: string): string | undefined => {
    const value = values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw invalid(`${name} must be a single value.`);
    // The document keeps "1.0" as it was written, where a number would lose its zero.
    const node: unknown = item.get(name, true);
    const source = typeof node === 'object' && node !== null && 'source' in node ? node.source : undefined;
    return typeof source === 'string' ? source : String(value);
  };
  return {
    text(name, fallback) {
      const value = scalar(name) ?? fallback;
      if (value === undefined) throw invalid(`${name} is missing.`);
      return value;
    },
    int(name, fallback) {
      const value = Number(scalar(name) ?? fallback);
      if (!Number.isInteger(value) || value < 0) throw invalid(`${name} must be a whole number.`);
      return value;
    },
    boolean(name) {
      const value = scalar(name) ?? 'false';
      if (!/^(true|false)$/i.test(value)) throw invalid(`${name} must be true or false.`);
      return value.toLowerCase() === 'true';
    },
    texts(name) {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

function clusterServing(read: Reader): ServableFacts {
  const redisInputQueue = read.text('redisInputQueue', 'serving_stream');
  const compileType = read.text('inputCompileType', 'direct');
  return {
    modelName: read.text('modelName'),
    modelVersion: read.text('modelVersion'),
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

function ownModel(read: Reader): OwnModel {
  return {
    modelName: read.text('modelName'),
    modelVersion: read.text('modelVersion'),
    modelPath: read.text('modelPath'),
    modelConCurrentNum: Math.max(1, read.int('modelConCurrentNum', 1)),
    features: read.texts('features'),
  };
}
