import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { elementCount, type DenseTensor, type RecordInputs } from '../codec/tensor.ts';

/** A record that a model accepts: numbers rising from 0 to 1, or zeros where it takes integers, in the shapes of its
 *  inputs. Axes of any size count 1; the batch dimension is there. */
export function exampleInputs(inputs: readonly TensorInfo[]): RecordInputs {
  return new Map(inputs.map((info) => [info.name, exampleTensor(info)]));
}

function exampleTensor({ type, shape: sizes }: TensorInfo): DenseTensor {
  const shape = sizes.map((size) => size ?? 1);
  const count = elementCount(shape) ?? 0;
  if (type === 'string') return { kind: 'dense', shape, data: Array.from({ length: count }, () => 'text') };
  if (!type.startsWith('float')) return { kind: 'dense', shape, data: new Int32Array(count) };
  return { kind: 'dense', shape, data: Float32Array.from({ length: count }, (_, i) => i / count) };
}
