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
  /** What it is about, if not the path. */
  readonly key?: 'version';
}

export interface LocateOptions {
  /** false where only its kind is asked for. */
  readonly looksInside?: boolean;
  /** Its files are, where those of its type can be. */
  readonly isEncrypted?: boolean;
  /** Of a folder with versions; undefined for the newest. */
  readonly version?: number | undefined;
}

/** Finds the one model that a path names: a folder with a model, a folder with versions of one (`1/`, `2/`, as Triton and
 *  TensorFlow Serving have them), or a model's own file. What is found is looked into, so that what is none is said before
 *  anything is started. */
export async function locateModel(
  path: string,
  files: ModelFiles,
  { looksInside = true, isEncrypted = false, version }: LocateOptions = {},
): Promise<LocatedModel | ModelTrouble> {
  const plain = path.replace(/(?<=.)\/+$/, '');
  const located = await (version === undefined
    ? locate(plain, files, looksInside)
    : locateVersion(plain, version, files, looksInside));
  if ('code' in located || !looksInside) return located;
  const inspect = isEncrypted && modelTypeRow(located.type).isDecrypted ? inspectEncrypted : inspectModel;
  const damage = await inspect(located, files);
  return damage === undefined ? located : { code: 'model-damaged', message: damage };
}

/** The version that is asked for, and no other. */
async function locateVersion(
  folder: string,
  wanted: number,
  files: ModelFiles,
  looksInside: boolean,
): Promise<LocatedModel | ModelTrouble> {
  const place = await files.look(folder);
  if (place.kind !== 'folder') return locate(folder, files, looksInside);
  const versions = versionsIn(place.names);
  const name = versions.find((each) => Number(each) === wanted);
  if (name !== undefined) return locateIn(folder, name, versions, files, looksInside);
  const held = versions.length > 0 ? `it holds ${versions.join(', ')}` : 'it holds no folders 1/, 2/, …';
  return { ...missing(`${folder} has no version ${wanted}: ${held}.`), key: 'version' };
}

async function locateIn(
  folder: string,
  version: string,
  versions: readonly string[],
  files: ModelFiles,
  looksInside: boolean,
): Promise<LocatedModel | ModelTrouble> {
  const inner = await locate(`${folder}/${version}`, files, looksInside);
  return 'code' in inner ? inner : { ...inner, version, versions };
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
  if (below === undefined) return { code: found.code, message: `${folder}: ${found.message}` };
  const versions = versionsIn(names);
  if (versions.length === 0) return locate(`${folder}/${below}`, files, looksInside);
  const inner = await locateIn(folder, below, versions, files, looksInside);
  if ('code' in inner || versions.length === 1) return inner;
  const note = `${folder} holds the versions ${versions.join(', ')}: ${below}, the newest, is served`;
  return { note, ...inner };
}

function filesOf(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.endsWith('/') && !name.startsWith('.'));
}

/** The newest of numbered versions; the folder that Triton names so for a SavedModel. */
function chooseBelow(names: readonly string[]): string | undefined {
  const newest = versionsIn(names).at(-1);
  if (newest !== undefined) return newest;
  const saved = names.filter((name) => name.endsWith('.savedmodel/'));
  return saved.length === 1 ? (saved[0] as string).slice(0, -1) : undefined;
}

/** The names of the folders of versions, the newest last. */
function versionsIn(names: readonly string[]): readonly string[] {
  return names
    .flatMap((name) => (/^\d+\/$/.test(name) ? [name.slice(0, -1)] : []))
    .sort((a, b) => Number(a) - Number(b));
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
