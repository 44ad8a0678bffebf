import { isValid, type Column } from './arrow/columns.ts';
import { readStream } from './arrow/readStream.ts';
import { decodeBase64 } from './base64.ts';
import { elementCount, shapeText, undecodable, type Tensor } from '../tensor/tensor.ts';

/** Reads a result as the clients do: one batch per output, column 0 the data, column 1 the shape.
 *  @param base64  the `value` of a result hash, when it is neither a filter's text nor "NaN"
 *  @returns one tensor per output of the model, in its order; a tensor without axes has the shape []
 *  @throws ServingError "record-undecodable" */
export function decodeResult(base64: string): readonly Tensor[] {
  const outputs = readStream(decodeBase64(base64, 'the result')).map(outputOf);
  if (outputs.length === 0) throw undecodable('', 'the result holds no tensor');
  return outputs;
}

function outputOf(columns: readonly Column[]): Tensor {
  const [dataColumn, shapeColumn] = columns;
  const data = dataColumn?.values;
  const sizes = shapeColumn?.values;
  const isText = Array.isArray(data);
  if (!isText && !(data instanceof Float32Array))
    throw undecodable('data', 'must be a column of float32 or of strings');
  if (shapeColumn === undefined || !(sizes instanceof Int32Array))
    throw undecodable('shape', 'must be a column of int32');
  const shape: number[] = [];
  for (const [i, size] of sizes.entries()) if (isValid(shapeColumn, i)) shape.push(size);
  // A tensor without elements has no row to put its shape in.
  if (data.length === 0 && shape.length === 0) shape.push(0);
  if (elementCount(shape) !== data.length)
    throw undecodable('shape', `${shapeText(shape)} does not fit ${data.length} values`);
  return isText
    ? { type: 'string', shape, data: data as readonly string[] }
    : { type: 'float32', shape, data: data };
}
