import { input, openSize, weight, type Call, type Rule, type Rules } from '../call.ts';
import { one, type Size } from '../size.ts';
import {
  dimsOf,
  isPlain,
  rankOf,
  refute,
  rowsTensor,
  unsure,
  type GraphTensor,
  type RowsAxis,
} from '../tensor.ts';
import { withoutValues } from './elementwise.ts';

/** Samples × features, as everything from scikit-learn has it; a vector is one sample.
 *  @throws Finding unless the rows are the samples */
function samples(call: Call): { readonly count: Size; readonly rows: RowsAxis | undefined } {
  const tensor = input(call, 0);
  const [count = one] = dimsOf(tensor);
  const { rows } = tensor;
  if (!rows) return { count, rows };
  if (rankOf(tensor) === 1) return refute('it takes all rows for the features of one');
  if (rankOf(tensor) !== 2 || rows.axis !== 0) return refute('it takes rows for features');
  return { count, rows };
}

function tableOf(dims: readonly Size[], rows: RowsAxis | undefined): GraphTensor {
  return rows ? rowsTensor(dims, rows) : { dims };
}

/** One number of a sample, or several. */
const scores: Rule = (call) => {
  const { count, rows } = samples(call);
  return [tableOf([count, openSize(call, 'targets')], rows)];
};

const classes: Rule = (call) => {
  const { count, rows } = samples(call);
  return [tableOf([count], rows), tableOf([count, openSize(call, 'classes')], rows)];
};

/** Features are the second axis, whatever comes behind it; those of a vector are all of it. */
const perFeature: Rule = (call) => {
  const tensor = input(call, 0);
  if (tensor.rows && (tensor.rows.axis !== 0 || rankOf(tensor) === 1))
    return refute('it takes rows for features');
  return [withoutValues(tensor)];
};

const asItIs: Rule = (call) => [withoutValues(input(call, 0))];

const normalizer: Rule = (call) => {
  samples(call);
  return [withoutValues(input(call, 0))];
};

/** Each value becomes a list of its own. */
const oneHotEncoder: Rule = (call) => {
  const tensor = input(call, 0);
  const to = [...dimsOf(tensor), openSize(call, 'categories')];
  return [tableOf(to, tensor.rows)];
};

const featureVectorizer: Rule = (call) => {
  const parts = call.inputs.filter((tensor) => tensor !== undefined);
  const first = parts[0] ?? unsure('its inputs are missing');
  for (const part of parts) {
    if (part.rows?.axis !== 0 || !isPlain(part.rows)) return unsure('one of its inputs has no rows');
    if (rankOf(part) !== 2) return unsure('one of its inputs is no table of samples and features');
  }
  return [tableOf([dimsOf(first)[0] ?? one, openSize(call, 'features')], first.rows)];
};

/** Takes features by their places. */
const extractor: Rule = (call) => {
  const tensor = input(call, 0);
  weight(call, 1);
  const dims = dimsOf(tensor);
  // A vector is one row of features.
  if (tensor.rows && (dims.length < 2 || tensor.rows.axis === dims.length - 1))
    return refute('it takes rows by their place in the batch');
  return [{ ...withoutValues(tensor), dims: [...dims.slice(0, -1), openSize(call, 'features')] }];
};

const words: Rule = (call) => {
  const { count, rows } = samples(call);
  return [tableOf([count, openSize(call, 'words')], rows)];
};

/** A probability for each label, by name: a row of the table for each sample. */
const zipMap: Rule = (call) => {
  samples(call);
  return [withoutValues(input(call, 0))];
};

const tokenizer: Rule = (call) => {
  if (!input(call, 0).rows) return [{}];
  return refute('its width is that of the row with the most parts');
};

export const mlRules: Rules = {
  ArrayFeatureExtractor: extractor,
  Binarizer: asItIs,
  CategoryMapper: asItIs,
  FeatureVectorizer: featureVectorizer,
  Imputer: perFeature,
  LabelEncoder: asItIs,
  LinearClassifier: classes,
  LinearRegressor: scores,
  Normalizer: normalizer,
  OneHotEncoder: oneHotEncoder,
  Scaler: perFeature,
  SVMClassifier: classes,
  SVMRegressor: scores,
  TreeEnsemble: scores,
  TreeEnsembleClassifier: classes,
  TreeEnsembleRegressor: scores,
  ZipMap: zipMap,
};

/** Of ONNX itself, for texts. */
export const textRules: Rules = {
  TfIdfVectorizer: words,
  Tokenizer: tokenizer,
};
