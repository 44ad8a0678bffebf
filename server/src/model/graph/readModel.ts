import { FieldReader, NotReadable, type ByteSource, type ReaderLimits, type Span } from './fieldReader.ts';

/** The structure of an ONNX model: everything but its weights. @see onnx/onnx.proto */
export interface GraphModel {
  /** The version of each set of operators by its domain; that of ONNX itself is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly GraphFunction[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, ConstantTensor>;
  /** Those that have a value in the file are among them. */
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** An operator that the model itself makes of others. */
export interface GraphFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly opsets: ReadonlyMap<string, number>;
  /** Attributes that have a value unless the caller gives one. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly overload: string;
  /** An input that is left out is ''. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** An attribute has the one field of its type. A long list or a large tensor is left in the file: it has none. */
export interface Attribute {
  readonly int?: number;
  readonly float?: number;
  readonly text?: string;
  readonly ints?: readonly number[];
  readonly floats?: readonly number[];
  readonly tensor?: ConstantTensor;
  readonly graph?: Graph;
  /** Within a function: the attribute of the caller that is meant. */
  readonly reference?: string;
}

export interface ConstantTensor {
  readonly dims: readonly number[];
  /** Where it is a small one of numbers; row-major. */
  readonly values?: readonly number[];
}

export interface GraphValue {
  readonly name: string;
  /** Whether it is a tensor, and not a sequence, a map, an optional or a sparse tensor. */
  readonly isTensor: boolean;
  /** A size, a name, or null where there is neither; undefined where the rank is not said. */
  readonly dims?: readonly (number | string | null)[];
}

/** Values of larger tensors are weights, not shapes. */
const maxValues = 64;
/** An attribute of more bytes is data: the trees of a forest, the words of a vocabulary. */
const maxAttributeBytes = 4_096;
/** Graphs within graphs. */
const maxDepth = 16;
const defaultLimits: ReaderLimits = { windowBytes: 16_384, maxWindows: 40_000, maxFields: 5_000_000 };

/** Reads a model's structure without its weights; files of external data are not read.
 *  @returns undefined for what is no ONNX file, cannot be read, or goes beyond the limits */
export async function readModel(
  source: ByteSource,
  limits: ReaderLimits = defaultLimits,
): Promise<GraphModel | undefined> {
  const reader = new FieldReader(source, limits);
  try {
    const parts = await partsOf(reader, { start: 0, end: Infinity });
    const body = parts.one(7);
    if (!body) return undefined;
    return {
      opsets: await opsetsOf(reader, parts.all(8)),
      graph: await graphOf(reader, body, 0),
      functions: await mapAll(parts.all(25), (span) => functionOf(reader, span)),
    };
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}

/** The fields of one message by their numbers. */
interface Parts {
  one(number: number): Span | undefined;
  all(number: number): readonly Span[];
  int(number: number): number | undefined;
  ints(number: number): readonly number[];
}

async function partsOf(reader: FieldReader, span: Span): Promise<Parts> {
  const spans = new Map<number, Span[]>();
  const numbers = new Map<number, number[]>();
  await reader.each(span, (field) => {
    const isNumber = !field.isText && field.span.start === field.span.end;
    if (isNumber) addTo(numbers, field.number, field.value);
    else addTo(spans, field.number, field.span);
  });
  return {
    one: (number) => spans.get(number)?.[0],
    all: (number) => spans.get(number) ?? [],
    int: (number) => numbers.get(number)?.at(-1),
    ints: (number) => numbers.get(number) ?? [],
  };
}

function addTo<T>(lists: Map<number, T[]>, number: number, item: T): void {
  const list = lists.get(number);
  if (list) list.push(item);
  else lists.set(number, [item]);
}

async function mapAll<T>(spans: readonly Span[], read: (span: Span) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  // One after the other: they share the reader's window.
  for (const span of spans) all.push(await read(span));
  return all;
}

async function opsetsOf(reader: FieldReader, spans: readonly Span[]): Promise<Map<string, number>> {
  const opsets = new Map<string, number>();
  for (const span of spans) {
    const parts = await partsOf(reader, span);
    opsets.set(domainOf(await reader.text(parts.one(1))), parts.int(2) ?? 0);
  }
  return opsets;
}

function domainOf(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

async function graphOf(reader: FieldReader, span: Span, depth: number): Promise<Graph> {
  if (depth > maxDepth) throw new NotReadable();
  const parts = await partsOf(reader, span);
  const initializers = new Map<string, ConstantTensor>();
  for (const part of parts.all(5)) {
    const { name, tensor } = await tensorOf(reader, part);
    initializers.set(name, tensor);
  }
  for (const part of parts.all(15)) {
    const sparse = await partsOf(reader, part);
    const values = sparse.one(1);
    if (values) initializers.set((await tensorOf(reader, values)).name, { dims: sparse.ints(3) });
  }
  return {
    nodes: await mapAll(parts.all(1), (part) => nodeOf(reader, part, depth)),
    initializers,
    inputs: await mapAll(parts.all(11), (part) => valueOf(reader, part)),
    outputs: await mapAll(parts.all(12), (part) => valueOf(reader, part)),
  };
}

async function functionOf(reader: FieldReader, span: Span): Promise<GraphFunction> {
  const parts = await partsOf(reader, span);
  const defaults = await mapAll(parts.all(11), (part) => attributeOf(reader, part, 0));
  return {
    name: await reader.text(parts.one(1)),
    inputs: await mapAll(parts.all(4), (part) => reader.text(part)),
    outputs: await mapAll(parts.all(5), (part) => reader.text(part)),
    nodes: await mapAll(parts.all(7), (part) => nodeOf(reader, part, 0)),
    opsets: await opsetsOf(reader, parts.all(9)),
    domain: domainOf(await reader.text(parts.one(10))),
    defaults: new Map(defaults),
    overload: await reader.text(parts.one(13)),
  };
}

async function nodeOf(reader: FieldReader, span: Span, depth: number): Promise<GraphNode> {
  const parts = await partsOf(reader, span);
  return {
    inputs: await mapAll(parts.all(1), (part) => reader.text(part)),
    outputs: await mapAll(parts.all(2), (part) => reader.text(part)),
    name: await reader.text(parts.one(3)),
    operator: await reader.text(parts.one(4)),
    attributes: new Map(await mapAll(parts.all(5), (part) => attributeOf(reader, part, depth))),
    domain: domainOf(await reader.text(parts.one(7))),
    overload: await reader.text(parts.one(8)),
  };
}

async function attributeOf(reader: FieldReader, span: Span, depth: number): Promise<[string, Attribute]> {
  const isLarge = span.end - span.start > maxAttributeBytes;
  const parts = isLarge ? await largeParts(reader, span) : await partsOf(reader, span);
  const name = await reader.text(parts.one(1));
  const [float, text, tensor, graph, packed] = [2, 4, 5, 6, 8].map((number) => parts.one(number));
  const int = parts.int(3);
  const ints = [...parts.ints(8), ...(packed ? await reader.packed(packed) : [])];
  const floats = await floatsOf(reader, parts.all(7), 4);
  const reference = await reader.text(parts.one(21));
  if (reference !== '') return [name, { reference }];
  if (graph) return [name, { graph: await graphOf(reader, graph, depth + 1) }];
  if (tensor) return [name, { tensor: (await tensorOf(reader, tensor)).tensor }];
  if (isLarge) return [name, {}];
  // A list without entries is written as its type alone.
  const type = parts.int(20);
  return [
    name,
    {
      ...(int === undefined && type !== 2 ? {} : { int: int ?? 0 }),
      ...(float ? { float: (await floatsOf(reader, [float], 4))[0] ?? 0 } : type === 1 ? { float: 0 } : {}),
      ...(text ? { text: await reader.text(text) } : type === 3 ? { text: '' } : {}),
      ...(ints.length > 0 || type === 7 ? { ints } : {}),
      ...(floats.length > 0 || type === 6 ? { floats } : {}),
    },
  ];
}

/** The name, and a tensor or a graph; the entries of a long list are not visited. */
async function largeParts(reader: FieldReader, span: Span): Promise<Parts> {
  const found = new Map<number, Span>();
  await reader.each(span, (field) => {
    if (field.isText) found.set(field.number, field.span);
    return field.number === 1 || field.number === 13 ? undefined : false;
  });
  const one = (number: number) => ([1, 5, 6].includes(number) ? found.get(number) : undefined);
  return { one, all: () => [], int: () => undefined, ints: () => [] };
}

async function tensorOf(reader: FieldReader, span: Span): Promise<{ name: string; tensor: ConstantTensor }> {
  const parts = await partsOf(reader, span);
  const packedDims = parts.one(1);
  const dims = packedDims ? await reader.packed(packedDims) : parts.ints(1);
  const name = await reader.text(parts.one(8));
  const length = dims.reduce((product, size) => product * size, 1);
  const values = length <= maxValues ? await valuesOf(reader, parts, length) : undefined;
  return { name, tensor: values ? { dims, values } : { dims } };
}

/** Numbers of the types that shapes and scales have: float, int32, int64, bool, double. */
async function valuesOf(
  reader: FieldReader,
  parts: Parts,
  length: number,
): Promise<readonly number[] | undefined> {
  const raw = parts.one(9);
  const isExternal = parts.int(14) === 1;
  if (isExternal) return undefined;
  const values = raw ? rawValues(await reader.bytes(raw), parts.int(2)) : await typedValues(reader, parts);
  return values?.length === length ? values : undefined;
}

function rawValues(bytes: Uint8Array, type: number | undefined): readonly number[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const all = (size: number, read: (at: number) => number) =>
    Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read(i * size));
  switch (type) {
    case 1:
      return all(4, (at) => view.getFloat32(at, true));
    case 6:
      return all(4, (at) => view.getInt32(at, true));
    case 7:
      return all(8, (at) => Number(view.getBigInt64(at, true)));
    case 9:
      return [...bytes];
    case 11:
      return all(8, (at) => view.getFloat64(at, true));
    default:
      return undefined;
  }
}

async function typedValues(reader: FieldReader, parts: Parts): Promise<readonly number[] | undefined> {
  switch (parts.int(2)) {
    case 1:
      return floatsOf(reader, parts.all(4), 4);
    case 6:
    case 9:
      return wholeOf(reader, parts, 5);
    case 7:
      return wholeOf(reader, parts, 7);
    case 11:
      return floatsOf(reader, parts.all(10), 8);
    default:
      return undefined;
  }
}

async function wholeOf(reader: FieldReader, parts: Parts, number: number): Promise<readonly number[]> {
  const packed = await mapAll(parts.all(number), (span) => reader.packed(span));
  return [...packed.flat(), ...parts.ints(number)];
}

/** Floats stand by themselves or packed: both are spans whose length is a multiple of a float's. */
async function floatsOf(reader: FieldReader, spans: readonly Span[], size: 4 | 8): Promise<number[]> {
  const lists = await mapAll(spans, async (span) => {
    const bytes = await reader.bytes(span);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) =>
      size === 4 ? view.getFloat32(i * size, true) : view.getFloat64(i * size, true),
    );
  });
  return lists.flat();
}

async function valueOf(reader: FieldReader, span: Span): Promise<GraphValue> {
  const parts = await partsOf(reader, span);
  const name = await reader.text(parts.one(1));
  const type = parts.one(2);
  if (!type) return { name, isTensor: true };
  const tensor = (await partsOf(reader, type)).one(1);
  if (!tensor) return { name, isTensor: false };
  const shape = (await partsOf(reader, tensor)).one(2);
  if (!shape) return { name, isTensor: true };
  const dims = await mapAll((await partsOf(reader, shape)).all(1), async (part) => {
    const dim = await partsOf(reader, part);
    const size = dim.int(1);
    if (size !== undefined && size > 0) return size;
    return (await reader.text(dim.one(2))) || null;
  });
  return { name, isTensor: true, dims };
}
