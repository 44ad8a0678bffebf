import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { unanswerable } from '../../../../schemas/redisKeys.ts';
import { HttpError } from '../httpError.ts';
import { numbersText } from '../predictions.ts';
import type { Prediction } from '../predictor.ts';
import { dataTypes, isFloat, outputTypeOf } from './dataTypes.ts';
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
}

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | string;
}

/** Writes an answer of the Open Inference Protocol.
 *  @throws HttpError "unanswerable", ServingError "input-mismatch" for an output that the model does not have */
export function inferResponse(prediction: Prediction, request: InferRequest, by: InferredBy): InferResponse {
  const all = outputsOf(prediction, by.outputs);
  const names = all.map(({ name }) => name);
  const wanted = request.outputs ?? names.map((name) => ({ name, binary: request.binaryOutputs }));
  const parts: string[] = [];
  const binaries: Buffer[] = [];
  for (const { name, binary } of wanted) {
    const output = all.find((one) => one.name === name);
    if (!output)
      throw new ServingError(
        'input-mismatch',
        `outputs: the model has no output "${name}"; it has ${names.join(', ')}.`,
      );
    const head = `{"name":${JSON.stringify(name)},"datatype":"${output.datatype}","shape":[${output.shape.join()}]`;
    if (binary) {
      const bytes = bytesOf(output);
      binaries.push(bytes);
      parts.push(`${head},"parameters":{"binary_data_size":${bytes.length}}}`);
    } else parts.push(`${head},"data":[${dataText(output)}]}`);
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
      "The worker could not answer this record; its log and the job's dead letters tell why.",
    );
  const nameOf = (i: number) => infos[i]?.name ?? `output${i}`;
  // A filter's text stands for the first output.
  if (typeof prediction === 'string')
    return [{ name: nameOf(0), datatype: 'BYTES', shape: [1], data: prediction }];
  return prediction.map(({ shape, data }, i) => ({
    name: nameOf(i),
    datatype: outputTypeOf(infos[i]?.type ?? 'float32'),
    shape,
    data,
  }));
}

function dataText({ datatype, data }: Output): string {
  if (typeof data === 'string') return JSON.stringify(data);
  if (datatype === 'BOOL') return Array.from(data, (value) => String(value !== 0)).join();
  return isFloat(datatype)
    ? numbersText(data)
    : Array.from(data, (value) => String(Math.trunc(value))).join();
}

function bytesOf({ datatype, data }: Output): Buffer {
  if (typeof data === 'string') {
    const text = Buffer.from(data);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text]);
  }
  if (datatype === 'FP32') return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const { size = 4, write } = dataTypes[datatype] ?? {};
  const bytes = Buffer.alloc(data.length * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  data.forEach((value, i) => write?.(view, i * size, value));
  return bytes;
}
