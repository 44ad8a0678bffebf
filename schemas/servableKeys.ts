/** One field of a model in servables-conf.yaml. */
export interface ServableField {
  readonly type: 'text' | 'int' | 'boolean' | 'texts' | 'compileType';
  readonly required?: true;
}

const common = {
  modelName: { type: 'text', required: true },
  modelVersion: { type: 'text', required: true },
  inputCompileType: { type: 'compileType' },
  features: { type: 'texts' },
} as const;

/** The tags of servables-conf.yaml, and the fields of each. */
export const servableKeys: Readonly<Record<string, Readonly<Record<string, ServableField>>>> = {
  /** A model that a job serves. */
  ClusterServingMetaData: {
    ...common,
    redisHost: { type: 'text' },
    redisPort: { type: 'int' },
    redisInputQueue: { type: 'text' },
    redisOutputQueue: { type: 'text' },
    timeWindow: { type: 'int' },
    countWindow: { type: 'int' },
    tokenBucketEnabled: { type: 'boolean' },
    tokensPerSecond: { type: 'int' },
    redisSecureEnabled: { type: 'boolean' },
    redisTrustStorePath: { type: 'text' },
    redisTrustStoreToken: { type: 'text' },
  },
  /** A model that gets a job of its own. */
  InferenceModelMetaData: {
    ...common,
    modelPath: { type: 'text', required: true },
    modelType: { type: 'text' },
    weightPath: { type: 'text' },
    modelConCurrentNum: { type: 'int' },
  },
};
