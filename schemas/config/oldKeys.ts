/** The sections of the older nested form, of all its generations. Which of their keys still have a meaning is in
 *  `nested` in configKeys. */
export const oldSections = ['model', 'data', 'params', 'redis', 'flink', 'secure', 'log', 'spark'] as const;

const seenFromModel = 'the names of the inputs and outputs come from the model';
const seenFromRecord = 'every record carries its own type and shape';

/** Keys that were once written and now do nothing, with the reason; `section.*` stands for every key of a section. */
export const deadKeys: Readonly<Record<string, string>> = {
  performance_mode: 'no version that is still in use reads it',
  'model.type': 'the type is found from the names in the model folder',
  'model.inputs': seenFromModel,
  'model.outputs': seenFromModel,
  'model.mode': 'write modelParallelism for several copies of the model',
  'model.batch_disabled':
    'records share an inference only where that cannot change an answer; write batching: off to prevent it',
  'data.type': seenFromRecord,
  'data.data_type': seenFromRecord,
  'data.image_shape': 'images have the size they come with, or that of imageResize',
  'data.shape': seenFromRecord,
  'data.tensor_shape': seenFromRecord,
  'data.resize': 'write imageResize: height,width to have images resized',
  'params.batch_size': 'batches are formed from what waits in the queue, up to batchSize',
  'params.engine_type': 'ONNX Runtime chooses how it computes',
  'params.performance_mode': 'no version that is still in use reads it',
  'params.top_n': 'write postProcessing: topN(n) instead',
  'log.*': 'every job has a log of its own; "cluster-serving logs" shows it',
  'spark.*': 'serving no longer runs on Spark',
};
