import { numericTypes, type NumericTypeName } from './elementTypes.ts';
import { elementCount, isStrings, undecodable, type DenseTensor, type SparseTensor } from './tensor.ts';

/** An image of 64 megapixels has as many; what is larger than that is a mistake or an attack. */
const maxElements = 256 * 1024 * 1024;

/** A sparse tensor with its zeros written out, for models that take dense inputs.
 *  @throws ServingError "record-undecodable", naming the input, for indices outside the shape or of another count */
export function densify(
  name: string,
  { type, shape, indices, indiceShape, data, origin }: SparseTensor,
): DenseTensor {
  const rank = shape.length;
  const count = data.length;
  const length = elementCount(shape);
  if (length === undefined || length > maxElements)
    throw undecodable(name, `the shape [${shape.join()}] is too large to write out`);
  if (isStrings(data)) throw undecodable(name, 'a sparse tensor holds numbers, no strings');
  if (indices.length !== count * rank)
    throw undecodable(
      name,
      `${count} values of rank ${rank} need ${count * rank} indices, not ${indices.length}`,
    );
  // [values, rank] is what clients send; the other way round is understood where the shape distinguishes them.
  const transposed = indiceShape[0] === rank && indiceShape[1] === count && rank !== count;
  const dense = new numericTypes[type as NumericTypeName].array(length);
  for (let value = 0; value < count; value++) {
    let at = 0;
    for (let axis = 0; axis < rank; axis++) {
      const index = indices[transposed ? axis * count + value : value * rank + axis] ?? -1;
      const size = shape[axis] ?? 0;
      if (index < 0 || index >= size)
        throw undecodable(name, `the index ${index} is outside the axis ${axis} of size ${size}`);
      at = at * size + index;
    }
    dense[at] = data[value] as never;
  }
  return { kind: 'dense', type, shape, data: dense, ...(origin ? { origin } : {}) };
}
