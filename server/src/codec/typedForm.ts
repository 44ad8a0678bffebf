import { isUtf8 } from 'node:buffer';
import { ServingError, errorCodes, messageOf, type ErrorCode } from '../../../schemas/errors.ts';
import { typedFormMark } from '../../../schemas/redis/redisKeys.ts';
import { requireValid, UnfitValue } from '../tensor/convert.ts';
import {
  bytesOf,
  datatypeOf,
  elementTypeOf,
  numericTypes,
  viewOf,
  type ElementType,
} from '../tensor/elementTypes.ts';
import {
  elementCount,
  isStrings,
  maxAxes,
  positionOf,
  shapeText,
  stringBytes,
  undecodable,
  type RecordInput,
  type RecordInputs,
  type SentTensor,
  type StringElement,
  type Tensor,
} from '../tensor/tensor.ts';

/* The typed form of a record's payload and of a result: every tensor with its name, element type, true shape and raw bytes.
   It begins with one byte that neither base64, JSON nor a filter's text begins with, so that both forms may stand in the
   same field. Three bytes with the length of a header follow, then the header, JSON in the words of the Open Inference
   Protocol, filled up with blanks to a multiple of 8, then the bytes of each tensor, each filled up to a multiple of 8,
   so that numbers can be used where they lie. */

const headLength = 4;
const zeros = new Uint8Array(8);
const maxHeaderLength = 2 ** 24 - 1;
/** The datatype of an image file, beside those of the protocol. */
const imageDatatype = 'PICTURE';

/** An image file in a record. */
export interface ImageFile {
  readonly kind: 'imageFile';
  readonly bytes: Uint8Array;
}

/** What the header says of one tensor. */
interface Entry {
  readonly name: string;
  readonly type: ElementType | typeof imageDatatype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly size: number;
  /** As `SentTensor.isWhole`. */
  readonly isWhole: boolean;
}

export type TypedResult = readonly (Tensor & { readonly name: string })[];

export function isTyped(value: string | Uint8Array): value is Uint8Array {
  return typeof value !== 'string' && value[0] === typedFormMark;
}

/** @param tensors  by name; no sparse ones. Element types as declared: the caller has made them the model's */
export function encodeTypedRecord(tensors: ReadonlyMap<string, SentTensor | ImageFile>): Buffer {
  return joined(piecesOf('inputs', [...tensors]));
}

/** The same, with the tensors' memory where it lies: to copy a large one costs more than all else about it. */
export function typedRecordPieces(
  tensors: ReadonlyMap<string, SentTensor | ImageFile>,
): readonly Uint8Array[] {
  return piecesOf('inputs', [...tensors]);
}

/** @param names  one for each output */
export function encodeTypedResult(outputs: readonly Tensor[], names: readonly string[]): Buffer {
  return joined(
    piecesOf(
      'outputs',
      outputs.map((output, i) => [names[i] ?? `output${i}`, output]),
    ),
  );
}

/** What stands in place of a typed result when a record could not be answered. */
export function encodeTypedFailure(code: ErrorCode, message: string): Buffer {
  return headOf(JSON.stringify({ error: { code, message } }));
}

function piecesOf(
  kind: 'inputs' | 'outputs',
  tensors: readonly (readonly [string, SentTensor | ImageFile])[],
): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const heads = tensors.map(([name, tensor]) => {
    const [datatype, shape, bytes] = contentOf(tensor);
    const padding = padded(bytes.byteLength) - bytes.byteLength;
    pieces.push(bytes);
    if (padding > 0) pieces.push(zeros.subarray(0, padding));
    const whole = 'isWhole' in tensor && tensor.isWhole ? ',"whole":true' : '';
    return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join()}],"parameters":{"binary_data_size":${bytes.byteLength}${whole}}}`;
  });
  return [headOf(`{"${kind}":[${heads.join()}]}`), ...pieces];
}

function joined(pieces: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

function contentOf(tensor: Tensor | ImageFile): [string, readonly number[], Uint8Array] {
  if (isImageFile(tensor)) return [imageDatatype, [1], tensor.bytes];
  const { type, shape, data } = tensor;
  return [datatypeOf(type), shape, isStrings(data) ? stringsToBytes(data) : bytesOf(data)];
}

/** The mark, the header's length and the header. */
function headOf(header: string): Buffer {
  const headerSize = Buffer.byteLength(header);
  const size = padded(headLength + headerSize);
  if (size > maxHeaderLength) throw undecodable('', 'the names of the tensors are too long');
  const head = Buffer.allocUnsafe(size);
  head.writeUInt32LE(typedFormMark | ((size - headLength) << 8), 0);
  head.write(header, headLength);
  head.fill(' ', headLength + headerSize);
  return head;
}

function padded(size: number): number {
  return (size + 7) & ~7;
}

/** Each string after its length in four bytes. */
export function stringsToBytes(strings: readonly StringElement[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const element of strings) {
    const bytes = stringBytes(element);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(bytes.byteLength);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

/** @param count  how many there have to be @throws ServingError "record-undecodable" */
export function bytesToStrings(where: string, bytes: Uint8Array, count: number): readonly StringElement[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: StringElement[] = [];
  let at = 0;
  while (at + 4 <= buffer.length) {
    const end = at + 4 + buffer.readUInt32LE(at);
    if (end > buffer.length) throw undecodable(where, `string ${strings.length} is longer than its bytes`);
    const element = buffer.subarray(at + 4, end);
    strings.push(isUtf8(element) ? element.toString('utf8') : Uint8Array.from(element));
    at = end;
  }
  if (at !== buffer.length || strings.length !== count)
    throw undecodable(where, `holds ${strings.length} strings, and its shape wants ${count}`);
  return strings;
}

/** Numbers are views of `bytes` where they lie at a multiple of their size.
 *  @throws ServingError "record-undecodable", naming the input */
export function decodeTypedRecord(bytes: Buffer): ReadonlyMap<string, SentTensor | ImageFile> {
  const { entries } = headerOf(bytes, 'inputs');
  if (entries.length === 0) throw undecodable('', 'the record holds no tensors');
  const inputs = new Map<string, Tensor | ImageFile>();
  for (const entry of entries) {
    if (inputs.has(entry.name)) throw undecodable(entry.name, 'is there twice');
    inputs.set(entry.name, tensorAt(bytes, entry));
  }
  return inputs;
}

/** A typed record as the other forms are read, for those who look at records. */
export function typedInputs(bytes: Buffer): RecordInputs {
  const inputs = new Map<string, RecordInput>();
  for (const [name, tensor] of decodeTypedRecord(bytes))
    inputs.set(
      name,
      isImageFile(tensor)
        ? { kind: 'image', base64: Buffer.from(tensor.bytes).toString('base64') }
        : { kind: 'dense', ...tensor },
    );
  return inputs;
}

export function isImageFile(tensor: Tensor | ImageFile): tensor is ImageFile {
  return 'kind' in tensor;
}

/** @throws ServingError with the worker's reason where the record could not be answered; "record-undecodable" for what is
 *  no typed result */
export function decodeTypedResult(bytes: Buffer): TypedResult {
  const { entries, error } = headerOf(bytes, 'outputs');
  if (error) throw error;
  return entries.map((entry) => {
    const tensor = tensorAt(bytes, entry);
    if (isImageFile(tensor)) throw undecodable(entry.name, 'is an image, and a result holds tensors');
    return { ...tensor, name: entry.name };
  });
}

function tensorAt(bytes: Buffer, { name, type, shape, start, size, isWhole }: Entry): SentTensor | ImageFile {
  const part = bytes.subarray(start, start + size);
  if (type === imageDatatype) return { kind: 'imageFile', bytes: part };
  const more = isWhole ? { isWhole } : {};
  if (type === 'string')
    return { type, shape, data: bytesToStrings(name, part, elementCount(shape) ?? -1), ...more };
  const data = viewOf(type, part);
  try {
    requireValid(type, data);
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw undecodable(name + positionOf(shape, error.index), `${error.value} is no ${type}`);
  }
  return { type, shape, data, ...more };
}

interface Header {
  readonly entries: readonly Entry[];
  readonly error?: ServingError;
}

/* Records of one client have few headers; comparing one costs a fraction of reading it, and tensors with the very same
   shape fit as before. A memo of a pure function, bounded, which is why it may live in the module. */
const known: {
  readonly kind: string;
  readonly bytes: Buffer;
  readonly header: Header;
  readonly end: number;
}[] = [];
const maxKnown = 16;
const maxKnownBytes = 16_384;

function headerOf(bytes: Buffer, kind: 'inputs' | 'outputs'): Header {
  if (bytes.length < headLength || bytes[0] !== typedFormMark)
    throw undecodable('', 'is not of the typed form');
  const end = headLength + bytes.readUIntLE(1, 3);
  if (end > bytes.length) throw undecodable('', 'is shorter than it says');
  const head = bytes.subarray(0, end);
  const found = known.find((one) => one.kind === kind && one.bytes.equals(head));
  if (found) {
    if (found.end > bytes.length) throw undecodable('', 'is shorter than it says');
    return found.header;
  }
  const header = readHeader(head.toString('utf8', headLength), kind, end, bytes.length);
  if (header.error || end > maxKnownBytes) return header;
  const last = header.entries.at(-1);
  known.unshift({ kind, bytes: Buffer.from(head), header, end: last ? last.start + last.size : end });
  if (known.length > maxKnown) known.pop();
  return header;
}

function readHeader(text: string, kind: 'inputs' | 'outputs', start: number, total: number): Header {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw undecodable('', `the header is not JSON: ${messageOf(error)}`, error);
  }
  const object = (json ?? {}) as { error?: { code?: unknown; message?: unknown } } & Record<string, unknown>;
  if (object.error) return { entries: [], error: failureOf(object.error) };
  const list = object[kind];
  if (!Array.isArray(list)) throw undecodable('', `the header has no list "${kind}"`);
  let at = start;
  const entries = list.map((item: unknown) => {
    const entry = readEntry(item, at);
    at += padded(entry.size);
    if (entry.start + entry.size > total) throw undecodable(entry.name, 'is longer than what came');
    return entry;
  });
  return { entries };
}

function failureOf({ code, message }: { code?: unknown; message?: unknown }): ServingError {
  const known = typeof code === 'string' && Object.hasOwn(errorCodes, code);
  return new ServingError(known ? (code as ErrorCode) : 'model-run-failed', String(message));
}

function readEntry(item: unknown, start: number): Entry {
  const { name, datatype, shape, parameters } = (item ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string') throw undecodable('', 'a tensor has no name');
  const type = datatype === imageDatatype ? imageDatatype : elementTypeOf(String(datatype));
  if (!type) throw undecodable(name, `the datatype "${String(datatype).slice(0, 20)}" is unknown`);
  const { binary_data_size: size, whole } = (parameters ?? {}) as Record<string, unknown>;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw undecodable(name, 'has no binary_data_size');
  if (!Array.isArray(shape) || shape.length > maxAxes) throw undecodable(name, 'has no shape');
  const sizes = shape as readonly number[];
  const count = elementCount(sizes);
  if (count === undefined) throw undecodable(name, `the shape ${shapeText(sizes)} is impossible`);
  if (type !== 'string' && type !== imageDatatype && count * numericTypes[type].bytes !== size)
    throw undecodable(name, `${size} bytes do not fit the shape ${shapeText(sizes)}`);
  return { name, type, shape: sizes, start, size, isWhole: whole === true };
}
