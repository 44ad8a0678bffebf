import { recall, remember } from './arrow/layouts.ts';
import { isValid, type Column } from './arrow/columns.ts';
import { readStream } from './arrow/readStream.ts';
import { decodeBase64 } from './base64.ts';
import { elementCount, maxAxes, textInput, shapeText, undecodable } from '../tensor/tensor.ts';
import { convertNumbers, UnfitValue } from '../tensor/convert.ts';
import { isElementType, numericType, type NumericArray } from '../tensor/elementTypes.ts';
import type { RecordInput, RecordInputs, SparseTensor, Tensor } from '../tensor/tensor.ts';

/** Decodes the `data` field of a record: base64 of an Arrow IPC stream with one batch, one column per input.
 *  @returns one input per column. Arrays may be views of memory that Node shares between small buffers: copy them
 *           before transferring them to another thread
 *  @throws ServingError "record-undecodable", naming the column
 *  @see BigDL ArrowDeserializer.scala. Unlike it, children are found by name, not by position; shapes are checked; whole
 *       Arrow files are read too. */
export function decodeArrow(base64: string): RecordInputs {
  const bytes = decodeBase64(base64);
  const known = recall(bytes);
  if (known) return known;
  const inputs = read(bytes);
  remember(bytes, inputs);
  return inputs;
}

function read(bytes: Buffer): RecordInputs {
  const batches = readStream(bytes);
  const columns = batches[0];
  if (columns === undefined || columns.length === 0) throw undecodable('', 'the Arrow data holds no values');
  if (batches.length > 1) throw undecodable('', 'a record must be one Arrow batch');
  const inputs = new Map<string, RecordInput>();
  for (const column of columns) {
    const { name } = column.field;
    if (inputs.has(name)) throw undecodable(name, 'is there twice');
    inputs.set(name, inputOf(name, column));
  }
  return inputs;
}

function inputOf(name: string, column: Column): RecordInput {
  switch (column.field.type) {
    case 'struct':
      return tensorOf(name, column);
    case 'utf8':
    case 'largeUtf8':
      return textInput((column.values as readonly string[])[onlyRow(name, column)] ?? '');
    case 'list':
    case 'largeList':
    case 'fixedList':
    case 'null':
      throw undecodable(name, 'is neither a tensor, a text nor a number');
    default: {
      // The original gives a number the shape [1], in Arrow as in JSON.
      const row = onlyRow(name, column);
      const { type, data } = elementsOf(name, column);
      return { kind: 'dense', type, shape: [1], data: data.slice(row, row + 1), origin: 'arrow' };
    }
  }
}

/** Beside a tensor of four rows a plain column has nulls; exactly one row may hold its value. */
function onlyRow(name: string, column: Column): number {
  if (column.length === 1 && column.nulls === 0) return 0;
  if (column.length - column.nulls !== 1) throw undecodable(name, 'must hold exactly one value');
  for (let i = 0; i < column.length; i++) if (isValid(column, i)) return i;
  throw undecodable(name, 'must hold exactly one value');
}

function tensorOf(name: string, column: Column): RecordInput {
  const { type, data } = elementsOf(name, itemsOf(name, column, 'data'));
  const shape = numbersOf(name, itemsOf(name, column, 'shape'));
  if (shape.length > maxAxes) throw undecodable(name, `a tensor of ${shape.length} axes`);
  const count = elementCount(shape);
  if (count === undefined) throw undecodable(name, `the shape ${shapeText(shape)} is impossible`);
  const indices = childOf(column, 'indiceData');
  const indiceShape = childOf(column, 'indiceShape');
  if (holdsValues(indices) || holdsValues(indiceShape)) return sparseOf(name, column, { type, shape, data });
  if (count !== data.length)
    throw undecodable(name, `the shape ${shapeText(shape)} does not fit ${data.length} values`);
  return { kind: 'dense', type, shape, data, origin: 'arrow' };
}

function sparseOf(name: string, column: Column, { type, shape, data }: Tensor): SparseTensor {
  const indices = integersOf(name, itemsOf(name, column, 'indiceData'), 'the indices');
  const indiceShape = numbersOf(name, itemsOf(name, column, 'indiceShape'));
  if (elementCount(indiceShape) !== indices.length)
    throw undecodable(name, `indiceShape ${shapeText(indiceShape)} does not fit ${indices.length} indices`);
  if (indices.length !== data.length * shape.length)
    throw undecodable(
      name,
      `${data.length} values of ${shape.length} axes do not fit ${indices.length} indices`,
    );
  return { kind: 'sparse', type, shape, indices, indiceShape, data, origin: 'arrow' };
}

function childOf(column: Column, name: string): Column | undefined {
  return column.children.find((child) => child.field.name === name);
}

function holdsValues(list: Column | undefined): boolean {
  return list?.children[0] !== undefined && list.children[0].length > 0;
}

/** The values below the list child `part`, of all rows together: writers spread them over rows as they like. */
function itemsOf(name: string, column: Column, part: string): Column {
  const items = childOf(column, part)?.children[0];
  if (items === undefined) throw undecodable(name, `the tensor has no list "${part}"`);
  if (items.nulls > 0) throw undecodable(name, `"${part}" holds nulls`);
  return items;
}

function numbersOf(name: string, column: Column): readonly number[] {
  return Array.from(integersOf(name, column, 'a shape'));
}

/** Sizes and indices, which some writers make wider than they need. */
function integersOf(name: string, column: Column, what: string): Int32Array {
  const { type, data } = elementsOf(name, column);
  if (data instanceof Int32Array) return data;
  try {
    if (type !== 'string' && numericType(type).kind === 'integer')
      return convertNumbers(data as NumericArray, type, 'int32', 'declared') as Int32Array;
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw undecodable(name, `${what}: ${error.value} does not fit 32 bits`);
  }
  throw undecodable(name, `${what} must be integers`);
}

/** The values of a column, of the type that the column has. */
function elementsOf(name: string, { values, field, length }: Column): Pick<Tensor, 'type' | 'data'> {
  const { type } = field;
  if (values === undefined) {
    // pyarrow writes an empty Python list as a list of nulls.
    if (type === 'null' && length === 0) return { type: 'int32', data: new Int32Array(0) };
    throw undecodable(name, 'holds neither numbers nor strings');
  }
  if (Array.isArray(values)) return { type: 'string', data: values as readonly string[] };
  if (!isElementType(type)) throw undecodable(name, 'holds neither numbers nor strings');
  return { type, data: values };
}
