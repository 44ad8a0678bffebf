import type { KeyName } from '../../../schemas/configKeys.ts';

/** How much a key speaks for a file being ours: 2 is enough alone, and is what a key has that is not named here.
 *  Named are those that other programs have too. */
export const weights: Readonly<Partial<Record<KeyName, number>>> = {
  modelPath: 1,
  jobName: 1,
  redisUrl: 1,
  kafkaUrl: 1,
  postProcessing: 1,
  imageResize: 1,
  redisTimeout: 0.5,
  redisUsername: 0.5,
  redisPassword: 0.5,
  batchTimeoutMs: 0.5,
  backend: 0,
  batchSize: 0,
};

/** The same for the keys of the older nested form; `model` and `data` are sections of every second training config. */
export const nestedWeights: Readonly<Record<string, number>> = {
  'model.path': 0.5,
  'model.name': 0.25,
  'model.type': 0,
  'model.inputs': 0.25,
  'model.outputs': 0.25,
  'data.src': 1.5,
  'data.type': 0.25,
  'data.image_shape': 0.75,
  'data.shape': 0.25,
  'data.filter': 0.5,
  'params.batch_size': 0.25,
  'params.core_number': 2,
  'params.performance_mode': 2,
  'params.top_n': 1,
  'redis.maxmem': 2,
  'flink.rest': 2,
  'spark.master': 0.5,
  'spark.driver_memory': 0.5,
  'spark.executor_memory': 0.5,
  'spark.num_executors': 0.5,
  'spark.executor_cores': 0.5,
  'spark.total_executor_cores': 0.5,
};
