/** One field of a model in servables-conf.yaml. */
export interface ServableField {
  readonly type: 'text' | 'int' | 'boolean' | 'texts' | 'compileType';
  readonly required?: true;
  /** What the text leads to, from the folder of the file. */
  readonly leadsTo?: 'model' | 'file';
  /** One sentence or more, as Markdown. */
  readonly meaning: string;
  /** As it is written; empty where there is nothing to suggest. */
  readonly example: string;
}

const common = {
  modelName: {
    type: 'text',
    required: true,
    meaning: 'The name of the model in the addresses of the HTTP frontend.',
    example: 'first',
  },
  modelVersion: {
    type: 'text',
    required: true,
    meaning: 'The version of the model in the addresses of the HTTP frontend.',
    example: '"1.0"',
  },
  inputCompileType: {
    type: 'compileType',
    meaning:
      'How the original sends inputs on: `direct` or `instance`. Here it is only shown with the model.',
    example: 'direct',
  },
  features: {
    type: 'texts',
    meaning: 'Names of features, which are shown with the model.',
    example: '[]',
  },
} as const;

/** What each tag stands for. */
export const servableTags = {
  ClusterServingMetaData: 'A model that a job serves: requests go into the stream of that job.',
  InferenceModelMetaData: 'A model that no job serves yet: the frontend starts a job of its own for it.',
} as const;

/** The tags of servables-conf.yaml, and the fields of each. */
export const servableKeys: Readonly<Record<string, Readonly<Record<string, ServableField>>>> = {
  ClusterServingMetaData: {
    ...common,
    queueUsed: {
      type: 'text',
      meaning:
        'Where the queue of the job is, `redis` or `kafka`. Default: `redis` where `redisHost` is given, else what the frontend uses.',
      example: 'kafka',
    },
    kafkaUrl: {
      type: 'text',
      meaning: 'The addresses of the Kafka brokers. Default: those of the frontend.',
      example: 'localhost:9092',
    },
    redisHost: {
      type: 'text',
      meaning: 'The host of the Redis that the job reads from. Default: `localhost`.',
      example: 'localhost',
    },
    redisPort: { type: 'int', meaning: 'The port of that Redis. Default: `6379`.', example: '6379' },
    redisInputQueue: {
      type: 'text',
      meaning: 'The stream of the job, which is its `jobName`. Default: `serving_stream`.',
      example: 'serving_stream',
    },
    redisOutputQueue: {
      type: 'text',
      meaning:
        'What the keys of results begin with: `cluster-serving_`, the `jobName` and a colon, which is the default.',
      example: 'cluster-serving_serving_stream:',
    },
    timeWindow: {
      type: 'int',
      meaning: 'How long inputs are collected before they are put in together, in ms. Default: `0`.',
      example: '0',
    },
    countWindow: {
      type: 'int',
      meaning: 'How many inputs end that wait early. Default: `56`.',
      example: '56',
    },
    tokenBucketEnabled: {
      type: 'boolean',
      meaning: 'Whether the rate of requests is limited. Default: `false`.',
      example: 'true',
    },
    tokensPerSecond: {
      type: 'int',
      meaning: 'How many requests per second are admitted where the rate is limited. Default: `100`.',
      example: '100',
    },
    redisSecureEnabled: {
      type: 'boolean',
      meaning: 'Whether that Redis is spoken to over TLS. Default: `false`.',
      example: 'true',
    },
    redisTrustStorePath: {
      type: 'text',
      leadsTo: 'file',
      meaning: 'The file with the certificates that are trusted.',
      example: '',
    },
    redisTrustStoreToken: { type: 'text', meaning: 'The password of that file.', example: '' },
  },
  InferenceModelMetaData: {
    ...common,
    modelPath: {
      type: 'text',
      required: true,
      leadsTo: 'model',
      meaning: 'The folder that holds the model.',
      example: '',
    },
    modelType: {
      type: 'text',
      meaning: 'The kind of the model for the original; here it is found from the files in the folder.',
      example: '',
    },
    weightPath: {
      type: 'text',
      meaning: 'The file of weights for the original; here it is found in the folder of the model.',
      example: '',
    },
    modelConCurrentNum: {
      type: 'int',
      meaning: 'How many copies of the model run in parallel. Default: `1`.',
      example: '1',
    },
  },
};
