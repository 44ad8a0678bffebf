/** How much a key at the top speaks for a file being a config of Cluster Serving, under the spelling that is written.
 *  What is not named here is found in no other program, and proves enough alone. */
export const weights: Readonly<Record<string, number>> = {
  modelPath: 1,
  jobName: 1,
  redisUrl: 1,
  kafkaUrl: 1,
  flinkRestUrl: 2,
  queueUsed: 2,
  postProcessing: 1,
  imageResize: 1,
  modelParallelism: 1.5,
  redisMaxMemory: 1.5,
  redisMaxmemory: 2,
  redisTimeout: 0.5,
  redisUsername: 0.5,
  redisPassword: 0.5,
  redisSecureEnabled: 2,
  secureEnabled: 0.5,
  modelEncrypted: 2,
  recordEncrypted: 2,
  batchTimeoutMs: 0.5,
  maxDeliveries: 0.5,
  claimIdleMs: 1,
  resultTtlSeconds: 1,
  labelResults: 1,
  backend: 0,
  version: 0,
  reload: 0,
  batchSize: 0,
  batching: 0,
  runtime: 0,
  python: 0,
  inferencePrecision: 1,
};

/** The weight that a key has which is not named above. */
export const provesAlone = 3;

/** The same for the keys of the older nested form; `model` and `data` are sections of every second training config. */
export const nestedWeights: Readonly<Record<string, number>> = {
  'model.path': 0.5,
  'model.name': 0.25,
  'model.type': 0,
  'model.inputs': 0.25,
  'model.outputs': 0.25,
  'model.mode': 0,
  'model.batch_disabled': 1.5,
  'data.src': 1.5,
  'data.type': 0.25,
  'data.data_type': 0.25,
  'data.image_shape': 0.75,
  'data.shape': 0.25,
  'data.tensor_shape': 0.5,
  'data.filter': 0.5,
  'data.resize': 0,
  'data.batched': 0.25,
  'params.batch_size': 0.25,
  'params.core_number': 2,
  'params.core_num': 1.5,
  'params.model_number': 1.5,
  'params.engine_type': 1.5,
  'params.performance_mode': 2,
  'params.top_n': 0.5,
  'redis.maxmem': 1.5,
  'redis.timeout': 0.25,
  'flink.rest': 1.5,
  'secure.secure_enabled': 1.5,
  'secure.secure_trust_store_path': 2,
  'secure.secure_struct_store_password': 3,
  'secure.model_encrypted': 1.5,
  'secure.record_encrypted': 1.5,
  'log.error': 0.25,
  'log.summary': 0.25,
  'spark.master': 0.1,
  'spark.driver_memory': 0.1,
  'spark.executor_memory': 0.1,
  'spark.num_executors': 0.1,
  'spark.executor_cores': 0.1,
  'spark.total_executor_cores': 0.25,
};

/** Keys at the top that no config of Cluster Serving ever had, and that formats have which everybody knows. One of them
 *  is enough against a file, because such files may well repeat the keys of the service that they deploy. */
export const othersKeys: ReadonlySet<string> = new Set(
  [
    // Kubernetes, Helm, Compose
    'apiVersion kind metadata spec replicaCount replicas image ingress service services volumes networks resources configs',
    'autoscaling nodeSelector tolerations affinity env environment deploy container containers chart values global',
    // pipelines and their tools
    'on jobs steps stages stage pipeline pipelines workflow script before_script hosts tasks roles plugins extends include',
    'dependencies requirements repos',
    // training, ranking and Spark
    'train trainer training train_data optimizer optim scheduler learningRate learning_rate lr epochs num_epochs max_steps',
    'dataset datasets dataloader loss metrics hparams seed tokenizer tokenizerPath checkpoint checkpoints hydra defaults',
    'savedModelInputs savedModelOutputs servicePort featureServiceURL recallServiceURL rankingServiceURL indexPath',
    'mainClass sparkConf sparkVersion executor driver deployMode numExecutors executorMemory driverMemory master',
  ].flatMap((line) => line.toLowerCase().split(' ')),
);

/** Keys that speak more against a file than one that is merely unknown does, though not enough alone: configs may have
 *  been given one by mistake. */
export const likelyOthersKeys: ReadonlySet<string> = new Set(
  [
    'topic topics inputPath outputPath inputDir outputDir output_dir input_dir inputTopic outputTopic parallelism jarPath',
    'device devices gpu gpus numWorkers num_workers maxLength max_length precision dtype threshold confidence labels',
    'endpoint listen upstream namespace instanceType instanceCount cameraUrl checkpointPath checkpointDir sinkPath',
    'inputColumns featureColumns indexType itemModelPath userModelPath monitorPort servicePort grpcPort httpPort port host',
    'hadoopUser queue queueName schedule cron retries pullPolicy tag tensorParallelSize dataPath labelColumn weights',
  ].flatMap((line) => line.toLowerCase().split(' ')),
);
