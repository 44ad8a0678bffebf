import { recall, remember } from './arrow/layouts.ts';
import { isValid, type Column } from './arrow/columns.ts';
import { readStream } from './arrow/readStream.ts';
import { decodeBase64 } from './base64.ts';
import { elementCount, maxAxes, textInput, shapeText, undecodable } from './tensor.ts';
import type { RecordInput, RecordInputs, SparseTensor, TensorData } from './tensor.ts';
import { halfToNumber } from './toFloat32.ts';

/** Decodes the `data` field of a record: base64 of an Arrow IPC stream with one batch, one column per input.
 *  @returns one input per column. Arrays may be views of memory that Node shares between small buffers: copy them
 *           before transferring them to another thread
 *  @throws ServingError "record-undecodable", naming the column
 *  @see BigDL ArrowDeserializer.scala. Ours: children are found by name, not by position; shapes are checked; whole
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
      return { kind: 'dense', shape: [1], data: dataOf(name, column).slice(row, row + 1) };
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
  const data = dataOf(name, itemsOf(name, column, 'data'));
  const shape = numbersOf(name, itemsOf(name, column, 'shape'));
  if (shape.length > maxAxes) throw undecodable(name, `a tensor of ${shape.length} axes`);
  const count = elementCount(shape);
  if (count === undefined) throw undecodable(name, `the shape ${shapeText(shape)} is impossible`);
  const indices = childOf(column, 'indiceData');
  const indiceShape = childOf(column, 'indiceShape');
  if (holdsValues(indices) || holdsValues(indiceShape)) return sparseOf(name, column, shape, data);
  if (count !== data.length)
    throw undecodable(name, `the shape ${shapeText(shape)} does not fit ${data.length} values`);
  return { kind: 'dense', shape, data };
}

function sparseOf(name: string, column: Column, shape: readonly number[], data: TensorData): SparseTensor {
  const indices = dataOf(name, itemsOf(name, column, 'indiceData'));
  const indiceShape = numbersOf(name, itemsOf(name, column, 'indiceShape'));
  if (!(indices instanceof Int32Array)) throw undecodable(name, 'the indices must be integers');
  if (elementCount(indiceShape) !== indices.length)
    throw undecodable(name, `indiceShape ${shapeText(indiceShape)} does not fit ${indices.length} indices`);
  if (indices.length !== data.length * shape.length)
    throw undecodable(
      name,
      `${data.length} values of ${shape.length} axes do not fit ${indices.length} indices`,
    );
  return { kind: 'sparse', shape, indices, indiceShape, data };
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
  const data = dataOf(name, column);
  if (!(data instanceof Int32Array)) throw undecodable(name, 'a shape must be integers');
  return Array.from(data);
}

/** The values as one of the three kinds that a tensor carries. */
function dataOf(name: string, column: Column): TensorData {
  const { values, field } = column;
  if (values instanceof Float32Array || values instanceof Int32Array) return values;
  if (values instanceof Float64Array) return new Float32Array(values);
  if (values instanceof Uint16Array && field.type === 'float16')
    return Float32Array.from(values, halfToNumber);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array || values instanceof Uint32Array)
    return narrowed(name, values);
  if (values === undefined) return noNumbers(name, column);
  return Array.isArray(values) ? (values as readonly string[]) : new Int32Array(values as Uint8Array);
}

/** pyarrow writes an empty Python list as a list of nulls. */
function noNumbers(name: string, column: Column): Int32Array {
  if (column.field.type === 'null' && column.length === 0) return new Int32Array(0);
  throw undecodable(name, 'holds neither numbers nor texts');
}

function narrowed(name: string, values: BigInt64Array | BigUint64Array | Uint32Array): Int32Array {
  const ints = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value > 0x7fffffff || value < -0x80000000) throw undecodable(name, `${value} does not fit 32 bits`);
    ints[i] = value;
  }
  return ints;
}
