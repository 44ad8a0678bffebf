import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { onnxTypeNames } from '../../../../schemas/onnxTypes.ts';
import { FieldReader, NotReadable, type Span } from '../../model/graph/fieldReader.ts';
import type { Files } from '../files.ts';

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

const limits = { windowBytes: 16_384, maxWindows: 1_000, maxFields: 200_000 };

/** Fields of ONNX's protobuf messages that lead to the signature. @see onnx/onnx.proto */
const graphField = 7;
const graph = { initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
const tensorName = 8;
const sparseValues = 1;

/** Reads the inputs and outputs of an ONNX file without its weights; inputs that have a value in the file need none and
 *  are left out. Undefined for what is no ONNX file, cannot be read, or is larger than anything sensible. */
export async function onnxSignature(path: string, files: Files): Promise<Signature | undefined> {
  const reader = new FieldReader((start, count) => files.bytes(path, start, count), limits);
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
  return { name, type: tensor ? (onnxTypeNames[element] ?? 'other') : '', shape };
}
