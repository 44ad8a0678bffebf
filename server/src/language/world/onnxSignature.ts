import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import type { Files } from '../files.ts';

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** Of the file that is read at a time, and how often: weights are stepped over, so large models need few windows. */
const windowBytes = 16_384;
const maxWindows = 1_000;
/** A model has thousands of nodes; what has far more fields is none. */
const maxFields = 200_000;

/** Fields of ONNX's protobuf messages that lead to the signature. @see onnx/onnx.proto */
const graphField = 7;
const graph = { initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
const tensorName = 8;
const sparseValues = 1;

/** Names of ONNX's element types, as the runtime has them; by number. */
const elementNames: readonly string[] =
  'undefined float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64 uint32 uint64'.split(
    ' ',
  );

/** Reads the inputs and outputs of an ONNX file without its weights; inputs that have a value in the file need none and
 *  are left out. Undefined for what is no ONNX file, cannot be read, or is larger than anything sensible. */
export async function onnxSignature(path: string, files: Files): Promise<Signature | undefined> {
  const reader = new FieldReader(files, path);
  try {
    let body: Span | undefined;
    await reader.each({ start: 0, end: Infinity }, (field) => {
      if (field.number === graphField) body = field.span;
    });
    return body && (await signatureOf(reader, body));
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}

async function signatureOf(reader: FieldReader, body: Span): Promise<Signature> {
  const inputs: TensorInfo[] = [];
  const outputs: TensorInfo[] = [];
  const given = new Set<string>();
  await reader.each(body, async ({ number, span }) => {
    if (number === graph.initializer) given.add(await reader.text(await reader.find(span, tensorName)));
    if (number === graph.sparseInitializer) {
      const values = await reader.find(span, sparseValues);
      given.add(await reader.text(values && (await reader.find(values, tensorName))));
    }
    if (number === graph.input) inputs.push(await tensorOf(reader, span));
    if (number === graph.output) outputs.push(await tensorOf(reader, span));
  });
  return { inputs: inputs.filter(({ name }) => !given.has(name)), outputs };
}

/** ValueInfoProto: name 1, type 2 → tensor 1 → element type 1, shape 2 → dimension 1 → value 1. */
async function tensorOf(reader: FieldReader, span: Span): Promise<TensorInfo> {
  const name = await reader.text(await reader.find(span, 1));
  const type = await reader.find(span, 2);
  const tensor = type && (await reader.find(type, 1));
  const shape: (number | null)[] = [];
  let element = 0;
  if (tensor)
    await reader.each(tensor, async (field) => {
      if (field.number === 1) element = field.value;
      if (field.number !== 2) return;
      await reader.each(field.span, async (dimension) => {
        let size: number | null = null;
        await reader.each(dimension.span, ({ number, value, isText }) => {
          if (number === 1 && !isText && value > 0) size = value;
        });
        shape.push(size);
      });
    });
  return { name, type: elementNames[element] ?? 'other', shape };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Field {
  readonly number: number;
  /** Of a number; 0 for texts and messages. */
  readonly value: number;
  /** Of a text or message; empty for numbers. */
  readonly span: Span;
  readonly isText: boolean;
}

class NotReadable extends Error {}

/** Steps from field to field through a protobuf file, and reads only around the fields' beginnings. */
class FieldReader {
  readonly #files: Files;
  readonly #path: string;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;
  #windows = 0;
  #fields = 0;
  #at = 0;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  /** Visits the fields of a message in the order of the file. An infinite end is that of the file. */
  async each({ start, end }: Span, visit: (field: Field) => Promise<void> | void): Promise<void> {
    let at = start;
    while (at < end) {
      // A header is two numbers of at most ten bytes.
      if (!(await this.#load(at, 20)) && end === Infinity) return;
      const field = this.#field(at);
      const next = this.#at;
      if (next > end) throw new NotReadable();
      await visit(field);
      at = next;
    }
  }

  /** The first text or message with a number. */
  async find(span: Span, number: number): Promise<Span | undefined> {
    let found: Span | undefined;
    await this.each(span, (field) => {
      if (field.number === number && field.isText) found ??= field.span;
    });
    return found;
  }

  /** A short text; '' where there is none. */
  async text(span: Span | undefined): Promise<string> {
    if (!span || span.end - span.start > 1_000) return '';
    await this.#load(span.start, span.end - span.start);
    const from = span.start - this.#windowStart;
    const bytes = this.#window.subarray(from, from + span.end - span.start);
    return new TextDecoder().decode(bytes);
  }

  #field(start: number): Field {
    if (++this.#fields > maxFields) throw new NotReadable();
    this.#at = start;
    const tag = this.#number();
    const number = Math.floor(tag / 8);
    const empty = { start, end: start };
    if (number === 0) throw new NotReadable();
    switch (tag % 8) {
      case 0:
        return { number, value: this.#number(), span: empty, isText: false };
      case 1:
        this.#at += 8;
        return { number, value: 0, span: empty, isText: false };
      case 2: {
        const size = this.#number();
        const span = { start: this.#at, end: this.#at + size };
        this.#at = span.end;
        return { number, value: 0, span, isText: true };
      }
      case 5:
        this.#at += 4;
        return { number, value: 0, span: empty, isText: false };
      default:
        throw new NotReadable();
    }
  }

  /** A base-128 number; those above 2^53 lose digits, which no size or type has. */
  #number(): number {
    let value = 0;
    for (let shift = 0; shift < 10; shift++) {
      const byte = this.#window[this.#at++ - this.#windowStart];
      if (byte === undefined) throw new NotReadable();
      value += (byte & 127) * 2 ** (7 * shift);
      if (byte < 128) return value;
    }
    throw new NotReadable();
  }

  /** Moves the window so that it holds these bytes, as far as the file has them. @returns whether it has any there */
  async #load(start: number, count: number): Promise<boolean> {
    const end = this.#windowStart + this.#window.length;
    const isWhole = this.#window.length < windowBytes && this.#windows > 0;
    const isInside = start >= this.#windowStart && (start + count <= end || (isWhole && start < end));
    if (isInside) return true;
    if (++this.#windows > maxWindows) throw new NotReadable();
    const bytes = await this.#files.bytes(this.#path, start, windowBytes);
    if (!bytes) throw new NotReadable();
    this.#window = bytes;
    this.#windowStart = start;
    return bytes.length > 0;
  }
}
