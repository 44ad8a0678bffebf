import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { unanswerable } from '../../../../schemas/redis/redisKeys.ts';
import { HttpError } from '../httpError.ts';
import { bestOf, floatText } from '../../codec/applyFilter.ts';
import { stringsToBytes } from '../../codec/typedForm.ts';
import { convertNumbers } from '../../tensor/convert.ts';
import { bytesOf, datatypeOf, numericTypeOf, type ElementType } from '../../tensor/elementTypes.ts';
import { isCalled } from '../../tensor/inputNames.ts';
import { isStrings, type Tensor } from '../../tensor/tensor.ts';
import { toFloat32 } from '../../tensor/toFloat32.ts';
import { elementsText } from '../predict/numbersText.ts';
import type { Prediction } from '../../ask/prediction.ts';
import type { InferRequest } from './inferRequest.ts';

export interface InferResponse {
  readonly body: string | Buffer;
  /** Bytes of the JSON in front of binary tensors; undefined when all is JSON. */
  readonly headerLength: number | undefined;
}

export interface InferredBy {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly outputs: readonly TensorInfo[];
  /** Names of the classes of an output's last axis, by output. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}

interface Output extends Tensor {
  readonly name: string;
}

/** Writes an answer of the Open Inference Protocol.
 *  @throws HttpError "unanswerable", ServingError "input-mismatch" for an output that the model does not have */
export function inferResponse(prediction: Prediction, request: InferRequest, by: InferredBy): InferResponse {
  const all = outputsOf(prediction, by.outputs);
  const names = all.map(({ name }) => name);
  const wanted =
    request.outputs ?? names.map((name) => ({ name, binary: request.binaryOutputs, classification: 0 }));
  const parts: string[] = [];
  const binaries: Uint8Array[] = [];
  for (const { name, binary, classification } of wanted) {
    const own = by.outputs.find((output) => isCalled(output, name))?.name ?? name;
    const found = all.find((one) => one.name === own);
    if (!found)
      throw new ServingError(
        'input-mismatch',
        `outputs: the model has no output "${name}"; it has ${names.join(', ')}.`,
      );
    const { type, shape, data } =
      classification > 0 ? classified(found, classification, by.labels?.[own] ?? []) : found;
    const head = `{"name":${JSON.stringify(name)},"datatype":"${datatypeOf(type)}","shape":[${shape.join()}]`;
    if (binary) {
      const bytes = isStrings(data) ? stringsToBytes(data) : bytesOf(data);
      binaries.push(bytes);
      parts.push(`${head},"parameters":{"binary_data_size":${bytes.length}}}`);
    } else parts.push(`${head},"data":[${elementsText(type, data)}]}`);
  }
  const id = request.id === undefined ? '' : `"id":${JSON.stringify(request.id)},`;
  const json = `{${id}"model_name":${JSON.stringify(by.modelName)},"model_version":${JSON.stringify(by.modelVersion)},"outputs":[${parts.join()}]}`;
  if (binaries.length === 0) return { body: json, headerLength: undefined };
  const header = Buffer.from(json);
  return { body: Buffer.concat([header, ...binaries]), headerLength: header.length };
}

function outputsOf(prediction: Prediction, infos: readonly TensorInfo[]): readonly Output[] {
  if (prediction === unanswerable)
    throw new HttpError(
      'unanswerable',
      "The worker could not answer this record and gave no reason; its log and the job's dead letters may have it.",
    );
  const nameOf = (i: number) => infos[i]?.name ?? `output${i}`;
  // A filter's text stands for the first output.
  if (typeof prediction === 'string')
    return [{ name: nameOf(0), type: 'string', shape: [1], data: [prediction] }];
  return prediction.map((output, i) => {
    const { name = nameOf(i), shape } = output;
    return { name, shape, ...elementsOf(output, infos[i]?.type) };
  });
}

/** The largest number up to which float32 holds every integer. */
const exactIntegers = 2 ** 24;

/** Results of the original's form are float32 whatever the model answered: they get its type back where that is certain. */
function elementsOf({ type, data }: Tensor, modelType: string | undefined): Pick<Tensor, 'type' | 'data'> {
  if (type !== 'float32' || modelType === undefined || modelType === type) return { type, data };
  const known = numericTypeOf(modelType);
  const floats = data as Float32Array;
  if (!known || known.kind === 'float' || floats.some((value) => Math.abs(value) > exactIntegers))
    return { type, data };
  try {
    const restored = modelType as ElementType;
    return { type: restored, data: convertNumbers(floats, type, restored, 'declared') };
  } catch {
    return { type, data };
  }
}

/** The highest scores of the last axis, as strings "score:index:label".
 *  @see Triton's classification extension */
function classified({ name, shape, type, data }: Output, count: number, labels: readonly string[]): Output {
  if (isStrings(data))
    throw new ServingError('input-mismatch', `outputs: "${name}" holds strings, which have no scores.`);
  const scores = toFloat32(type, data);
  const classes = shape.at(-1) ?? 1;
  const kept = Math.min(count, classes);
  const rows = classes === 0 ? 0 : scores.length / classes;
  const strings: string[] = [];
  for (let row = 0; row < rows; row++) {
    const of = scores.subarray(row * classes, (row + 1) * classes);
    for (const i of bestOf(of, kept)) {
      const label = labels[i];
      strings.push(`${floatText(of[i] ?? NaN)}:${i}${label === undefined ? '' : `:${label}`}`);
    }
  }
  return { name, type: 'string', shape: [...shape.slice(0, -1), kept], data: strings };
}
