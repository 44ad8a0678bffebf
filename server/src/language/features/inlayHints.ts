import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { effectiveConfig } from '../../config/effectiveConfig.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';
import { modelOf } from '../world/modelFolder.ts';
import { onnxSignature, type Signature } from '../world/onnxSignature.ts';

export interface InlayHint {
  readonly offset: number;
  readonly label: string;
  readonly tooltip: string;
}

/** What follows from the values: the model that is found with its inputs and outputs, the copies and threads that coreNumberPerMachine makes, and the
 *  host and port that an unusual address is read as. */
export async function inlayHints(config: ConfigText, files: Files): Promise<InlayHint[]> {
  const { read } = config;
  const hints: InlayHint[] = [];
  const model = await modelOf(config, files);
  const path = read.origins.modelPath.valueRange;
  if (model && path) {
    hints.push({ offset: path.end, label: model.type, tooltip: `The model is ${model.file}.` });
    const file =
      model.type === 'onnx' ? files.resolve(config.uri, `${model.folder}/${model.file}`) : undefined;
    const signature = file && (await onnxSignature(file, files));
    if (file && signature && signature.outputs.length > 0) {
      hints.push({ offset: path.end, ...signatureHint(signature) });
      const against = await reasonAgainstBatches(file, config, files);
      if (against) hints.push({ offset: path.end, label: 'one record a run', tooltip: against });
    }
  }
  const cores = read.origins.coreNumberPerMachine.valueRange;
  if (read.config && cores && valueOf(read, 'coreNumberPerMachine') > 0) {
    const { modelParallelism, threadPerModel } = effectiveConfig(read.config, model?.type);
    const label = `${modelParallelism} × ${threadPerModel}`;
    hints.push({ offset: cores.end, label, tooltip: 'Copies of the model, and threads of each copy.' });
  }
  for (const { code, data, range } of read.problems) {
    if (code !== 'host-port-extra' || data?.key === undefined) continue;
    const { host, port } = valueOf(read, data.key as 'redisUrl');
    hints.push({ offset: range.end, label: `${host}:${port}`, tooltip: 'The address that is used.' });
  }
  return hints.sort((a, b) => a.offset - b.offset);
}

/** Why every record is run by itself, where that is known before the model is tried. */
async function reasonAgainstBatches(
  file: string,
  { read }: ConfigText,
  files: Files,
): Promise<string | undefined> {
  const batching = valueOf(read, 'batching');
  if (batching === 'off') return 'Every record is run by itself: batching is off.';
  if (batching === 'on') return undefined;
  // The rules of all operators are read when the first model needs them, and not when the server starts.
  const { onnxBatches } = await import('../world/onnxBatches.ts');
  const verdict = await onnxBatches(file, files);
  return verdict?.kind === 'refuted' ? `Every record is run by itself: ${verdict.reason}.` : undefined;
}

/** This many tensors are on the line; the rest is in the tooltip. */
const maxShown = 3;

function signatureHint({ inputs, outputs }: Signature): { label: string; tooltip: string } {
  const short = (tensors: readonly TensorInfo[]) =>
    [...tensors.slice(0, maxShown).map(tensorText), ...(tensors.length > maxShown ? ['…'] : [])].join(', ');
  const long = (tensors: readonly TensorInfo[]) =>
    tensors.map((tensor) => `${tensorText(tensor)} ${tensor.type}`).join(', ');
  return {
    label: `${short(inputs)} → ${short(outputs)}`,
    tooltip: `Inputs: ${long(inputs)}. Outputs: ${long(outputs)}. A size of ? is not fixed.`,
  };
}

function tensorText({ name, shape }: TensorInfo): string {
  return `${name}[${shape.map((size) => size ?? '?').join(',')}]`;
}
