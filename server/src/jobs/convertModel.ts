import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { conversions } from '../../../schemas/conversions.ts';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { howToInstall, modelTypeRow, type ModelType } from '../../../schemas/runtimes.ts';
import { convertCaffe } from '../model/caffe/convertCaffe.ts';
import { labelsFile } from '../model/labels.ts';
import { missingText } from '../model/python/missingText.ts';
import { askPython } from '../model/python/packages.ts';
import { convertFile } from '../model/python/processFile.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { locateModel } from '../model/recognise/locateModel.ts';
import { plainPath } from '../model/recognise/plainPath.ts';
import { refused } from '../model/resolveModel.ts';
import { findRuntime } from '../model/runtimes/findRuntime.ts';

export interface ConvertOptions {
  /** A file or a folder, absolute or relative to the current folder. */
  readonly path: string;
  /** The ONNX file. */
  readonly out: string | undefined;
  /** A program; without it the usual one. */
  readonly python: string | undefined;
  /** Inputs with their shapes, for models that do not say them: `image=?,3,224,224`. */
  readonly inputs: readonly string[];
  readonly allowPickle: boolean;
  readonly overwrites: boolean;
}

export interface Converted {
  readonly from: string;
  readonly file: string;
  /** Between the answers of both for random inputs; absent where the framework cannot be asked. */
  readonly largestError?: number;
  /** How many values that are no numbers, such as labels, differ. */
  readonly unlike?: number;
}

interface Source {
  readonly type: ModelType | 'keras';
  readonly file: string;
  readonly weights?: string;
  readonly isPickle: boolean;
}

/** Makes an ONNX model of another, beside it, and compares both. The file is there only once both were compared.
 *  @throws ServingError "convert-failed", "runtime-missing", "model-pickled" or "model-…" */
export async function convertModel(options: ConvertOptions): Promise<Converted> {
  const source = await sourceOf(resolve(plainPath(options.path)));
  const { type, file } = source;
  const row = Object.hasOwn(conversions, type) ? conversions[type] : undefined;
  if (!row)
    throw failed(
      `${file} is a model of ${modelTypeRow(type as ModelType).title}, which is not converted. ${wayFor(type)}`,
    );
  if (source.isPickle && !options.allowPickle)
    throw new ServingError(
      'model-pickled',
      `${file} is a pickle, and converting it runs the code in it. For a file that you trust, add --allow-pickle.`,
    );
  const out = resolve(options.out ?? defaultOut(source));
  if (existsSync(out) && !options.overwrites)
    throw failed(`${out} is there already. Name another by --out, or add --force.`);
  mkdirSync(dirname(out), { recursive: true });
  const half = `${out}.${process.pid}.part`;
  try {
    const compared =
      type === 'caffe'
        ? await fromCaffe(source, half)
        : await inPython(source, half, row.modules, row.asksShapes === true, options);
    renameSync(half, out);
    const labels = join(dirname(file), labelsFile);
    if (existsSync(labels) && dirname(labels) !== dirname(out))
      copyFileSync(labels, join(dirname(out), labelsFile));
    return { from: file, file: out, ...compared };
  } finally {
    rmSync(half, { force: true });
  }
}

/** Keras' own files are not served, so they are not among what is located. */
async function sourceOf(path: string): Promise<Source> {
  const place = await diskFiles.look(path);
  const keras = /\.(?:keras|h5|hdf5)$/i;
  const names = place.kind === 'folder' ? place.names.filter((name) => keras.test(name)) : [];
  const found = await locateModel(path, diskFiles);
  if (!('code' in found)) {
    const { type, folder, file, weights, isPickle = false } = found;
    return {
      type,
      file: join(folder, file),
      isPickle,
      ...(weights === undefined ? {} : { weights: join(folder, weights) }),
    };
  }
  if (place.kind === 'file' && keras.test(path)) return { type: 'keras', file: path, isPickle: false };
  if (names.length === 1) return { type: 'keras', file: join(path, names[0] as string), isPickle: false };
  throw refused(found);
}

function wayFor(type: string): string {
  if (type === 'onnx') return 'It is served as it is.';
  const { runtimes, instead = '' } = modelTypeRow(type as ModelType);
  return runtimes.length > 0 ? 'It is served as it is.' : `${instead}.`;
}

/** In a folder of its own: a folder with two models is served by none. */
function defaultOut({ type, file }: Source): string {
  const folder = dirname(file);
  const stem = type === 'tensorflowSavedModel' ? 'model' : basename(file, extname(file));
  return join(`${folder}-onnx`, `${stem}.onnx`);
}

async function fromCaffe({ file, weights = '' }: Source, out: string): Promise<Record<string, never>> {
  writeFileSync(out, await convertCaffe(file, weights));
  return {};
}

async function inPython(
  { type, file, isPickle }: Source,
  out: string,
  modules: readonly string[],
  asksShapes: boolean,
  { python, inputs, allowPickle }: ConvertOptions,
): Promise<Pick<Converted, 'largestError' | 'unlike'>> {
  const place = findRuntime.python({ configured: python, env: process.env, installedIn: '' })?.place;
  if (place === undefined)
    throw new ServingError(
      'runtime-missing',
      `${python ?? 'Python'} was not found, and converts the model. ${howToInstall('python')}.`,
    );
  const missing = await missingOf(place, modules);
  if (missing.length > 0)
    throw new ServingError('runtime-missing', missingText(`The conversion of ${file}`, place, missing));
  const shapes = Object.fromEntries(inputs.map(shapeOf));
  if (asksShapes && inputs.length === 0)
    throw new ServingError(
      'wrong-use',
      `${file} does not say what it takes. Name each input with its shape: --input "image=?,3,224,224", where ? is the batch.`,
    );
  const request = JSON.stringify({ type, file, out, isPickle, allowPickle, inputs: shapes });
  const { stdout, stderr, exitCode } = await execa(place, [convertFile(), request], {
    reject: false,
    stdin: 'ignore',
  });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (last === '')
    throw failed(
      `${file} could not be converted: Python ended with code ${exitCode ?? '?'}. ${lastLine(stderr)}`,
    );
  const answer = JSON.parse(last) as { error?: string; largestError?: number; unlike?: number };
  if (answer.error !== undefined) throw failed(`${file} could not be converted: ${answer.error}`);
  return { largestError: answer.largestError ?? NaN, unlike: answer.unlike ?? 0 };
}

async function missingOf(python: string, modules: readonly string[]): Promise<readonly string[]> {
  try {
    return (await askPython(python, modules)).missing;
  } catch (error) {
    throw new ServingError('runtime-missing', `${python} does not run: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** @throws ServingError "wrong-use" */
function shapeOf(text: string): [string, (number | null)[]] {
  const match = /^([^=]+)=((?:\?|\d+)(?:,(?:\?|\d+))*)$/.exec(text);
  if (!match)
    throw new ServingError(
      'wrong-use',
      `--input ${text}: write a name and a shape, such as image=?,3,224,224.`,
    );
  const [, name = '', sizes = ''] = match;
  return [name, sizes.split(',').map((size) => (size === '?' ? null : Number(size)))];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function failed(message: string): ServingError {
  return new ServingError('convert-failed', message);
}
