import type { ModelType } from '../../../../schemas/runtimes.ts';
import { describeForeign } from './foreignFormats.ts';

export interface DetectedModel {
  readonly type: ModelType;
  /** The file to load: the definition, where a model is split into definition and weights. */
  readonly file: string;
  readonly weights?: string;
  /** The file is a pickle of Python, which runs code when it is loaded. */
  readonly isPickle?: boolean;
}

export interface LocatedModel extends DetectedModel {
  /** The folder of the model's files, below the one that was named where that holds versions. */
  readonly folder: string;
  /** The name of the folder of this version, and those of all, in order; absent where the folder that was named has none. */
  readonly version?: string;
  readonly versions?: readonly string[];
  /** What was chosen, where there was a choice. */
  readonly note?: string;
}

export interface UndetectedModel {
  readonly code: 'model-none' | 'model-several' | 'model-incomplete' | 'model-keras' | 'model-foreign';
  readonly message: string;
  /** The names that the message is about. */
  readonly files: readonly string[];
}

/** Finds the one model of a folder from the names in it.
 *  @param names  of the folder's entries; those of folders may end with a slash
 *  @see BigDL ClusterServingHelper.scala. Unlike it, this knows `.onnx` and `.tflite`; a `saved_model.pb` is a SavedModel, whatever is
 *    beside it; names that begin with a dot are ignored; a `.bin` beside other models is taken for their data, unless
 *    its `.xml` is there too. */
export function detectModel(names: readonly string[]): DetectedModel | UndetectedModel {
  const visible = names.filter((name) => !name.startsWith('.'));
  const files = visible.filter((name) => !name.endsWith('/'));
  const ending = (end: string) => files.filter((name) => name.endsWith(end));
  const complete: DetectedModel[] = [
    ...single('onnx', ending('.onnx')),
    ...tensorflow(ending('.pb'), visible),
    ...single('tensorflowLite', ending('.tflite')),
    ...single('pytorch', ending('.pt')),
    ...single('bigdl', ending('.model')),
  ];
  const caffe = pairs('caffe', ending('.prototxt'), ending('.caffemodel'));
  const openvino = pairs('openvino', ending('.xml'), ending('.bin'));
  const usual = [
    ...complete,
    ...caffe,
    ...openvino.filter(({ file }) => file !== '' || complete.length + caffe.length === 0),
  ];
  // Beside a model of these types such files are what it was made from or with.
  const models =
    usual.length > 0
      ? usual
      : [...single('pytorchExport', ending('.pt2')), ...single('xgboost', ending('.ubj')), ...pickles(files)];
  const [model, second] = models;
  if (!model) return unknown(visible);
  if (second) {
    const found = models.map(({ file, weights }) => file || (weights ?? ''));
    return undetected(
      'model-several',
      found,
      `only one model is allowed in it, and there are ${found.join(', ')}`,
    );
  }
  if (model.file !== '') return model;
  return lacksDefinition(model);
}

/** No file of weights alone is a model; one may be of a program that names its weights so. */
function lacksDefinition({ type, weights = '' }: DetectedModel): UndetectedModel {
  const foreign = describeForeign(weights);
  if (foreign !== undefined) return { code: 'model-foreign', message: foreign, files: [weights] };
  const wanted = type === 'caffe' ? '.prototxt' : '.xml';
  return undetected('model-incomplete', [weights], `${weights} needs a file *${wanted} beside it`);
}

function unknown(visible: readonly string[]): UndetectedModel {
  const definition = visible.find((name) => /\.(?:xml|prototxt)$/.test(name));
  if (definition !== undefined) {
    const weights = definition.replace(/xml$/, 'bin').replace(/prototxt$/, 'caffemodel');
    return undetected(
      'model-incomplete',
      [definition],
      `${definition} needs its weights ${weights} beside it`,
    );
  }
  for (const name of visible) {
    const foreign = describeForeign(name);
    if (foreign !== undefined)
      return {
        code: name.endsWith('.keras') ? 'model-keras' : 'model-foreign',
        message: foreign,
        files: [name],
      };
  }
  return undetected('model-none', visible, 'there is no model in it that is known by its name');
}

function single(type: ModelType, files: readonly string[]): DetectedModel[] {
  return files.map((file) => ({ type, file }));
}

/** Of scikit-learn, mostly. */
function pickles(files: readonly string[]): DetectedModel[] {
  return files
    .filter((file) => /\.(?:joblib|pkl|pickle)$/i.test(file))
    .map((file) => ({ type: 'pickle', file, isPickle: true }));
}

/** TensorFlow writes the print of a SavedModel beside it, which is none itself. */
function tensorflow(files: readonly string[], visible: readonly string[]): DetectedModel[] {
  const hasVariables = visible.some((name) => name === 'variables' || name === 'variables/');
  return files
    .filter((file) => file !== 'fingerprint.pb' && file !== 'keras_metadata.pb')
    .map((file) => ({
      type: hasVariables || file === 'saved_model.pb' ? 'tensorflowSavedModel' : 'tensorflowFrozenModel',
      file,
    }));
}

/** One model for each file of weights; `file` is empty where there is no definition for it. */
function pairs(type: ModelType, definitions: readonly string[], weights: readonly string[]): DetectedModel[] {
  return weights.map((weight) => {
    const stem = weight.slice(0, weight.lastIndexOf('.') + 1);
    const own = definitions.find((definition) => definition.startsWith(stem));
    // Beside the network that is deployed, Caffe keeps that of the training and its settings.
    const deployed = definitions.find((definition) => /deploy/i.test(definition));
    return { type, file: own ?? deployed ?? definitions[0] ?? '', weights: weight };
  });
}

function undetected(code: UndetectedModel['code'], files: readonly string[], why: string): UndetectedModel {
  return { code, message: `${why}.`, files };
}
