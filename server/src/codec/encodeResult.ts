import { makeTemplate, validity, type ColumnLayout, type Template } from './arrow/template.ts';
import { createTemplateCache } from './arrow/templateCache.ts';
import { stringFills } from './arrow/stringFills.ts';
import { elementCount, isStrings, shapeText, undecodable, type Tensor } from '../tensor/tensor.ts';
import { toFloat32 } from '../tensor/toFloat32.ts';

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
 *  Numbers become float32, which is what the original's clients read; a typed result keeps them exactly. Strings, which
 *  the original does not have, are left out beside numbers, since all batches of a stream have one type; where there
 *  are no numbers they are a column of strings.
 *  @throws ServingError "record-undecodable" when a shape does not fit its data, or there is no output
 *  @see BigDL ArrowSerializer.scala. Unlike it, several outputs keep the order of the model. */
export function encodeResult(tensors: readonly Tensor[]): string {
  const outputs = carried(tensors).map(columnOf);
  let key = '';
  const shapes: (readonly number[])[] = [];
  for (const { shape, rows, fills } of outputs) {
    const fitting = encodedShape(shape, rows);
    shapes.push(fitting);
    key += `${rows}:${fitting.length}`;
    for (const fill of fills) key += `:${fill.length}`;
    key += ',';
  }
  const { bytes, holes } = template(key, () => resultTemplate(outputs, shapes));
  let hole = 0;
  for (let i = 0; i < outputs.length; i++) {
    for (const fill of outputs[i]?.fills ?? []) bytes.set(fill, holes[hole++]);
    const shape = shapes[i] ?? [];
    const shapeHole = holes[hole++] ?? 0;
    for (let axis = 0; axis < shape.length; axis++)
      bytes.writeInt32LE(shape[axis] ?? 0, shapeHole + 4 * axis);
  }
  return bytes.toString('base64');
}

function carried(tensors: readonly Tensor[]): readonly Tensor[] {
  if (tensors.every(({ type }) => type !== 'string')) return tensors;
  const numbers = tensors.filter(({ type }) => type !== 'string');
  return numbers.length > 0 ? numbers : tensors;
}

/** An output as its column: `fills` are the bytes of its buffers. */
interface OutputColumn {
  readonly type: 'float32' | 'utf8';
  readonly shape: readonly number[];
  readonly rows: number;
  readonly fills: readonly Uint8Array[];
}

function columnOf({ type, shape, data }: Tensor): OutputColumn {
  if (isStrings(data)) {
    const strings = data.map((element) =>
      typeof element === 'string' ? element : Buffer.from(element).toString(),
    );
    return { type: 'utf8', shape, rows: data.length, fills: stringFills(strings) };
  }
  const floats = toFloat32(type, data);
  const fill = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  return { type: 'float32', shape, rows: floats.length, fills: [fill] };
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

function resultTemplate(outputs: readonly OutputColumn[], shapes: readonly (readonly number[])[]): Template {
  if (outputs.length === 0) throw undecodable('', 'a result needs at least one tensor');
  return makeTemplate(
    outputs.map(({ type, rows, fills }, i) => {
      const axes = shapes[i]?.length ?? 0;
      const values: ColumnLayout = {
        name: 'data',
        type,
        length: rows,
        nulls: 0,
        buffers: [validity(rows, () => true), ...fills.map(({ length }) => ({ hole: length }))],
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
