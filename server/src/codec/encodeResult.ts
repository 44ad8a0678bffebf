import { makeTemplate, validity, type ColumnLayout, type Template } from './arrow/template.ts';
import { createTemplateCache } from './arrow/templateCache.ts';
import { elementCount, shapeText, undecodable } from './tensor.ts';
import type { ResultTensor } from './decodeResult.ts';

/* Results of one model have few sizes; a template of each is filled in and turned into base64 at once, synchronously,
   so that one piece of memory serves all records. A memo, bounded, which is why it may live in the module. */
const template = createTemplateCache();

/** Encodes the outputs of one record as the value of its result hash: base64 of an Arrow IPC stream, one batch per
 *  output in the given order, columns `data: float32` and `shape: int32` of equal length, `shape` filled in its first
 *  rows and null after them.
 *
 *  The rows are those of the data, for the clients reshape the whole column. So a shape with more axes than the
 *  tensor has elements, such as [1, 1, 1] with one element, loses axes of size 1, outermost first, until it fits.
 *  A tensor without elements has no row to carry its shape: it is read back as [0], and the Python client, which
 *  drops zeros from shapes, cannot read it at all.
 *  @throws ServingError "record-undecodable" when a shape does not fit its data, or there is no output
 *  @see BigDL ArrowSerializer.scala. Ours: several outputs keep the order of the model. */
export function encodeResult(outputs: readonly ResultTensor[]): string {
  let key = '';
  const shapes: (readonly number[])[] = [];
  for (const { shape, data } of outputs) {
    const fitting = encodedShape(shape, data.length);
    shapes.push(fitting);
    key += `${data.length}:${fitting.length},`;
  }
  const { bytes, holes } = template(key, () => resultTemplate(outputs, shapes));
  for (let i = 0; i < outputs.length; i++) {
    const data = outputs[i]?.data ?? new Float32Array(0);
    const shape = shapes[i] ?? [];
    new Float32Array(bytes.buffer, holes[2 * i], data.length).set(data);
    const shapeHole = holes[2 * i + 1] ?? 0;
    for (let axis = 0; axis < shape.length; axis++)
      bytes.writeInt32LE(shape[axis] ?? 0, shapeHole + 4 * axis);
  }
  return bytes.toString('base64');
}

/** The shape that a client reads of a result, see `encodeResult`.
 *  @param rows  of the column: the tensor's elements */
export function encodedShape(shape: readonly number[], rows: number): readonly number[] {
  if (elementCount(shape) !== rows) throw undecodable('', `${shapeText(shape)} does not fit ${rows} results`);
  if (shape.length <= rows) return shape;
  if (rows === 0) return [];
  let tooMany = shape.length - rows;
  return shape.filter((axis) => axis !== 1 || tooMany-- <= 0);
}

function resultTemplate(outputs: readonly ResultTensor[], shapes: readonly (readonly number[])[]): Template {
  if (outputs.length === 0) throw undecodable('', 'a result needs at least one tensor');
  return makeTemplate(
    outputs.map(({ data }, i) => {
      const rows = data.length;
      const axes = shapes[i]?.length ?? 0;
      const values: ColumnLayout = {
        name: 'data',
        type: 'float32',
        length: rows,
        nulls: 0,
        buffers: [validity(rows, () => true), { hole: 4 * rows }],
        children: [],
      };
      const sizes: ColumnLayout = {
        name: 'shape',
        type: 'int32',
        length: rows,
        nulls: rows - axes,
        buffers: [validity(rows, (row) => row < axes), { hole: 4 * rows }],
        children: [],
      };
      return { rows, columns: [values, sizes] };
    }),
  );
}
