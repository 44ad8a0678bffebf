import { modelTypeRow } from '../../../../schemas/runtimes.ts';
import { detectModel, type LocatedModel, type UndetectedModel } from './detectModel.ts';
import { inspectEncrypted } from './inspectEncrypted.ts';
import { inspectModel } from './inspectModel.ts';
import type { ModelFiles } from './modelFiles.ts';
import { refineModel } from './refineModel.ts';

export interface ModelTrouble {
  readonly code: UndetectedModel['code'] | 'model-missing' | 'model-damaged';
  /** What was found, and what to do. */
  readonly message: string;
}

/** Finds the one model that a path names: a folder with a model, a folder with versions of one (`1/`, `2/`, as Triton and
 *  TensorFlow Serving have them), or a model's own file. What is found is looked into, so that what is none is said before
 *  anything is started.
 *  @param looksInside  false where only its kind is asked for
 *  @param isEncrypted  its files are, where those of its type can be */
export async function locateModel(
  path: string,
  files: ModelFiles,
  { looksInside = true, isEncrypted = false } = {},
): Promise<LocatedModel | ModelTrouble> {
  const located = await locate(path.replace(/(?<=.)\/+$/, ''), files, looksInside);
  if ('code' in located || !looksInside) return located;
  const inspect = isEncrypted && modelTypeRow(located.type).isDecrypted ? inspectEncrypted : inspectModel;
  const damage = await inspect(located, files);
  return damage === undefined ? located : { code: 'model-damaged', message: damage };
}

async function locate(
  path: string,
  files: ModelFiles,
  looksInside: boolean,
): Promise<LocatedModel | ModelTrouble> {
  const place = await files.look(path);
  switch (place.kind) {
    case 'missing':
      return missing(`There is no folder ${path}.${homeHint(path)}`);
    case 'dangling':
      return missing(`${path} is a link to ${place.target}, which does not exist. Correct the link.`);
    case 'unreadable':
      return missing(`${path} cannot be read. Give the user that starts the job the right to.`);
    case 'file':
      return fromFile(path, files, looksInside);
    case 'folder':
      return fromFolder(path, place.names, files, looksInside);
  }
}

async function fromFolder(
  folder: string,
  names: readonly string[],
  files: ModelFiles,
  looksInside: boolean,
): Promise<LocatedModel | ModelTrouble> {
  const detected = detectModel(names);
  const below = 'code' in detected && detected.code === 'model-none' ? chooseBelow(names) : undefined;
  const found = await refineModel(folder, filesOf(names), detected, files, looksInside);
  if ('type' in found) return { ...found, folder };
  if (!below) return { code: found.code, message: `${folder}: ${found.message}` };
  const inner = await locate(`${folder}/${below.name}`, files, looksInside);
  return 'code' in inner || below.note === undefined ? inner : { note: `${folder} ${below.note}`, ...inner };
}

function filesOf(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.endsWith('/') && !name.startsWith('.'));
}

/** The newest of numbered versions; the folder that Triton names so for a SavedModel. */
function chooseBelow(
  names: readonly string[],
): { readonly name: string; readonly note?: string } | undefined {
  const versions = names
    .flatMap((name) => (/^\d+\/$/.test(name) ? [name.slice(0, -1)] : []))
    .sort((a, b) => Number(a) - Number(b));
  const newest = versions.at(-1);
  if (newest !== undefined) {
    const note = `holds the versions ${versions.join(', ')}: ${newest}, the newest, is served`;
    return versions.length === 1 ? { name: newest } : { name: newest, note };
  }
  const saved = names.filter((name) => name.endsWith('.savedmodel/'));
  return saved.length === 1 ? { name: (saved[0] as string).slice(0, -1) } : undefined;
}

/** A model's own file: others beside it do not matter, except what belongs to it. */
async function fromFile(
  path: string,
  files: ModelFiles,
  looksInside: boolean,
): Promise<LocatedModel | ModelTrouble> {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  const [folder, name] = [path.slice(0, cut - 1) || '/', path.slice(cut)];
  const above = await files.look(folder);
  const stem = name.slice(0, name.lastIndexOf('.') + 1);
  const beside = above.kind === 'folder' ? above.names : [];
  const own = beside.filter(
    (each) =>
      each === name ||
      each === 'variables/' ||
      (/\.(?:bin|xml|caffemodel|prototxt)$/.test(each) && each.startsWith(stem)),
  );
  const names = [...new Set([name, ...own])];
  const found = await refineModel(folder, filesOf(names), detectModel(names), files, looksInside);
  if ('type' in found) return { ...found, folder };
  if (found.code === 'model-none') return missing(notAModel(path));
  return { code: found.code, message: `${path}: ${found.message}` };
}

function notAModel(path: string): string {
  return `${path} is a file, and no model that is known by its name. Name the folder that holds the model.`;
}

function missing(message: string): ModelTrouble {
  return { code: 'model-missing', message };
}

function homeHint(path: string): string {
  return path.split('/').some((part) => part.startsWith('~'))
    ? ' "~" does not stand for your home folder here: write the whole path.'
    : '';
}
