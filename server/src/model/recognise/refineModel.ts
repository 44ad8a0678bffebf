import { modelTypeRow } from '../../../../schemas/runtimes.ts';
import type { DetectedModel, UndetectedModel } from './detectModel.ts';
import { findTables } from './inspectTables.ts';
import { inspectTorch } from './inspectTorch.ts';
import type { ModelFiles } from './modelFiles.ts';

type Detected = DetectedModel | UndetectedModel;

const programName = 'model.py';
const maxProgramBytes = 256 * 1024;
/** A function of that name, whether it is written there or comes from elsewhere. */
const predict = /^(?:async\s+)?def\s+predict\s*\(|^predict\s*=|^from\s.*\bimport\b.*\bpredict\b/m;

/** What the names of a folder leave open, by the content of its files: whether a file of PyTorch is a program or a pickle,
 *  which of the files called `.json` and `.txt` is a model, and whether `model.py` is meant to be served.
 *  @param names  of the files that are looked at @param looksInside  false where the content of models shows nothing */
export async function refineModel(
  folder: string,
  names: readonly string[],
  found: Detected,
  files: ModelFiles,
  looksInside: boolean,
): Promise<Detected> {
  if (isOpen(found)) {
    const program = await findProgram(folder, names, found, files);
    if (program) return program;
  }
  if ('code' in found) return found.code === 'model-none' ? tableOf(folder, names, found, files) : found;
  const { type, file } = found;
  if (type === 'bigdl' || type === 'xgboost') {
    const [table] = await findTables(folder, [file], files);
    if (table) return table;
  }
  if (!looksInside) return found;
  if (type === 'pytorch' || type === 'pytorchExport' || (await isZipped(folder, found, files)))
    return torchOf(folder, found, files);
  return found;
}

/** A `model.py` may load every file that only Python reads; beside other models it may be the program that made them. */
function isOpen(found: Detected): boolean {
  return 'code' in found || modelTypeRow(found.type).runtimes[0] === 'python';
}

async function findProgram(
  folder: string,
  names: readonly string[],
  found: Detected,
  files: ModelFiles,
): Promise<Detected | undefined> {
  const [only] = names;
  const file = names.find((name) => name === programName) ?? (names.length === 1 ? only : undefined);
  if (!file?.endsWith('.py')) return undefined;
  const bytes = await files.bytes(`${folder}/${file}`, 0, maxProgramBytes);
  if (bytes && predict.test(new TextDecoder().decode(bytes))) return { type: 'pythonModel', file };
  if (!('code' in found) || found.code !== 'model-none') return undefined;
  return {
    code: 'model-incomplete',
    message: `${file} has no function predict(inputs), which takes and returns a dict of arrays of numpy by name.`,
    files: [file],
  };
}

async function tableOf(
  folder: string,
  names: readonly string[],
  found: UndetectedModel,
  files: ModelFiles,
): Promise<Detected> {
  const tables = await findTables(folder, names, files);
  const [table, second] = tables;
  if (!second) return table ?? found;
  const all = tables.map(({ file }) => file);
  const message = `only one model is allowed in it, and there are ${all.join(', ')}.`;
  return { code: 'model-several', message, files: all };
}

async function isZipped(folder: string, { type, file }: DetectedModel, files: ModelFiles): Promise<boolean> {
  if (type !== 'pickle') return false;
  const head = await files.bytes(`${folder}/${file}`, 0, 2);
  return head?.[0] === 0x50 && head[1] === 0x4b;
}

async function torchOf(folder: string, { file }: DetectedModel, files: ModelFiles): Promise<Detected> {
  const kind = await inspectTorch(`${folder}/${file}`, files);
  return 'trouble' in kind
    ? { code: 'model-foreign', message: kind.trouble, files: [file] }
    : { ...kind, file };
}
