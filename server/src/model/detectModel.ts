import type { Backend } from '../../../schemas/jobEvents.ts';

export type ModelType =
  'onnx' | 'caffe' | 'tensorflowFrozenModel' | 'tensorflowSavedModel' | 'pytorch' | 'bigdl' | 'openvino';

export interface DetectedModel {
  readonly type: ModelType;
  /** The file to load: the definition, where a model is split into definition and weights. */
  readonly file: string;
  readonly weights?: string;
}

export interface UndetectedModel {
  readonly code: 'model-none' | 'model-several' | 'model-incomplete' | 'model-keras';
  readonly message: string;
  /** The names that the message is about. */
  readonly files: readonly string[];
}

/** Which models a backend can serve. */
export const runnableTypes: Readonly<Record<Backend, readonly ModelType[]>> = {
  embedded: ['onnx'],
  flink: ['onnx'],
};

/** Finds the one model of a folder from the names in it.
 *  @param names  of the folder's entries; those of folders may end with a slash
 *  @see BigDL ClusterServingHelper.scala. Unlike it, this knows `.onnx`; names that begin with a dot are ignored; a `.bin` beside
 *    other models is taken for their data, unless its `.xml` is there too. */
export function detectModel(names: readonly string[]): DetectedModel | UndetectedModel {
  const visible = names.filter((name) => !name.startsWith('.'));
  const files = visible.filter((name) => !name.endsWith('/'));
  const ending = (end: string) => files.filter((name) => name.endsWith(end));
  const keras = ending('.keras');
  if (keras.length > 0)
    return undetected('model-keras', keras, 'Keras models are not supported: convert the model to ONNX');

  const isSaved = visible.some((name) => name === 'variables' || name === 'variables/');
  const complete: DetectedModel[] = [
    ...single('onnx', ending('.onnx')),
    ...single(isSaved ? 'tensorflowSavedModel' : 'tensorflowFrozenModel', ending('.pb')),
    ...single('pytorch', ending('.pt')),
    ...single('bigdl', ending('.model')),
  ];
  const caffe = pairs('caffe', ending('.prototxt'), ending('.caffemodel'));
  const openvino = pairs('openvino', ending('.xml'), ending('.bin'));
  const models = [
    ...complete,
    ...caffe,
    ...openvino.filter(({ file }) => file !== '' || complete.length + caffe.length === 0),
  ];
  const [model, second] = models;
  if (!model) return undetected('model-none', visible, 'there is no model in it that is known by its name');
  if (second) {
    const found = models.map(({ file, weights }) => file || (weights ?? ''));
    return undetected(
      'model-several',
      found,
      `only one model is allowed in it, and there are ${found.join(', ')}`,
    );
  }
  if (model.file !== '') return model;
  const weights = model.weights ?? '';
  const wanted = model.type === 'caffe' ? '.prototxt' : '.xml';
  return undetected('model-incomplete', [weights], `${weights} needs a file *${wanted} beside it`);
}

function single(type: ModelType, files: readonly string[]): DetectedModel[] {
  return files.map((file) => ({ type, file }));
}

/** One model for each file of weights; `file` is empty where there is no definition for it. */
function pairs(type: ModelType, definitions: readonly string[], weights: readonly string[]): DetectedModel[] {
  return weights.map((weight) => {
    const stem = weight.slice(0, weight.lastIndexOf('.') + 1);
    const own = definitions.find((definition) => definition.startsWith(stem));
    return { type, file: own ?? definitions[0] ?? '', weights: weight };
  });
}

function undetected(code: UndetectedModel['code'], files: readonly string[], why: string): UndetectedModel {
  return { code, message: `${why}.`, files };
}
