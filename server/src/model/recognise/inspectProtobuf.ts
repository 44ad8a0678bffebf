import { modelTypeRow, runtimes } from '../../../../schemas/runtimes.ts';
import { FieldReader, NotReadable } from '../graph/fieldReader.ts';
import type { ModelFiles } from './modelFiles.ts';

/** A graph is one field: few windows reach its end, wherever its weights are. */
const limits = { windowBytes: 65_536, maxWindows: 50_000, maxFields: 2_000_000 };

/** Fields at the top of ONNX's ModelProto. @see onnx/onnx.proto */
const onnx = { irVersion: 1, graph: 7, opset: 8 } as const;

type ProtobufType = 'onnx' | 'tensorflowSavedModel' | 'tensorflowFrozenModel';

/** The fields that make such a file a model; TensorFlow's are SavedModel.meta_graphs and GraphDef.node. */
const graphFields: Readonly<Record<ProtobufType, number>> = {
  onnx: onnx.graph,
  tensorflowSavedModel: 2,
  tensorflowFrozenModel: 1,
};

/** Whether a file of protobuf is whole, of its kind, and of a version that is read.
 *  @returns what is wrong with it, and what to do */
export async function inspectProtobuf(
  type: ProtobufType,
  path: string,
  files: ModelFiles,
): Promise<string | undefined> {
  const { title } = modelTypeRow(type);
  const reader = new FieldReader((start, count) => files.bytes(path, start, count), limits);
  const seen = { hasGraph: false, end: 0, irVersion: 0, opset: 0 };
  try {
    await reader.each({ start: 0, end: Infinity }, async ({ number, value, span, isText }) => {
      seen.end = Math.max(seen.end, span.end);
      if (number === graphFields[type] && isText) seen.hasGraph = true;
      if (type !== 'onnx') return;
      if (number === onnx.irVersion && !isText) seen.irVersion = value;
      if (number === onnx.opset && isText) seen.opset = Math.max(seen.opset, await opsetOf(reader, span));
    });
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    return seen.hasGraph
      ? `${path} is damaged: its end is no ${title}. Copy or download it again.`
      : `${path} is no ${title} model, whatever its name says.`;
  }
  const { hasGraph, end, irVersion, opset } = seen;
  const last = end > 0 ? await files.bytes(path, end - 1, 1) : undefined;
  if (end > 0 && last?.length === 0)
    return `${path} is cut off: it says itself that it has ${end} bytes. Copy or download it again.`;
  if (!hasGraph) return `${path} is no ${title} model, whatever its name says.`;
  return type === 'onnx' ? tooNew(path, irVersion, opset) : undefined;
}

/** Of ONNX's own operators: domain 1, version 2. */
async function opsetOf(reader: FieldReader, span: { start: number; end: number }): Promise<number> {
  let domain = '';
  let version = 0;
  await reader.each(span, async (field) => {
    if (field.number === 1 && field.isText) domain = await reader.text(field.span);
    if (field.number === 2 && !field.isText) version = field.value;
  });
  return domain === '' || domain === 'ai.onnx' ? version : 0;
}

function tooNew(path: string, irVersion: number, opset: number): string | undefined {
  const { newest, title } = runtimes.onnxruntime;
  if (opset > newest.opset)
    return `${path} uses the operators of ONNX opset ${opset}, and ${title} here knows those up to ${newest.opset}. Export it with opset_version=${newest.opset} or less.`;
  if (irVersion > newest.ir)
    return `${path} is of ONNX IR version ${irVersion}, and ${title} here reads those up to ${newest.ir}. Save it with ir_version=${newest.ir} or less, or export it with an older onnx package.`;
  return undefined;
}
