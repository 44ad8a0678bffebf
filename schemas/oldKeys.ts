/** The sections of the older nested form. Which of their keys still mean something is told by `nested` in configKeys. */
export const oldSections = ['model', 'data', 'params', 'redis', 'flink', 'spark'] as const;

/** Keys that were once written and now do nothing, with the reason; `section.*` stands for every key of a section. */
export const deadKeys: Readonly<Record<string, string>> = {
  performance_mode: 'no version that is still in use reads it',
  'model.type': 'the type is found from the names in the model folder',
  'model.inputs': 'the names of the inputs come from the model',
  'model.outputs': 'the names of the outputs come from the model',
  'data.type': 'what a record holds is seen from the record itself',
  'data.image_shape': 'images have the size they come with, or that of imageResize',
  'data.shape': 'every record carries its own shape',
  'params.batch_size': 'batches are formed from what waits in the queue, up to batchSize',
  'params.performance_mode': 'no version that is still in use reads it',
  'params.top_n': 'write postProcessing: topN(n) instead',
  'spark.*': 'serving no longer runs on Spark',
};
