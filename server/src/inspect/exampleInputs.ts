import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { isElementType, numericType, type ElementType } from '../tensor/elementTypes.ts';
import { elementCount, type DenseTensor, type RecordInputs } from '../tensor/tensor.ts';

/** A record that a model accepts: numbers rising from 0 to 1, or zeros where it takes integers, in the shapes of its
 *  inputs. Axes of any size count 1; the batch axis is there. */
export function exampleInputs(inputs: readonly TensorInfo[]): RecordInputs {
  return new Map(inputs.map((info) => [info.name, exampleTensor(info)]));
}

function exampleTensor({ type: named, shape: sizes }: TensorInfo): DenseTensor {
  const shape = sizes.map((size) => size ?? 1);
  const count = elementCount(shape) ?? 0;
  const type: ElementType = isElementType(named) ? named : 'float32';
  if (type === 'string')
    return { kind: 'dense', type, shape, data: Array.from({ length: count }, () => 'text') };
  if (numericType(type).kind !== 'float')
    return { kind: 'dense', type, shape, data: new (numericType(type).array)(count) };
  const data = Float32Array.from({ length: count }, (_, i) => i / count);
  return { kind: 'dense', type: 'float32', shape, data };
}
