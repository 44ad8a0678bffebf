import type { Problem } from '../../../../schemas/config/problems.ts';
import { nearest } from '../../config/nearest.ts';
import { problem } from '../../config/problem.ts';
import type { LocatedModel } from '../../model/recognise/detectModel.ts';
import { notDecrypted } from '../../model/recognise/inspectEncrypted.ts';
import { locateModel, type ModelTrouble } from '../../model/recognise/locateModel.ts';
import { plainPath } from '../../model/recognise/plainPath.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';
import { runtimeProblems } from './runtimeProblems.ts';

/** Where modelPath leads; undefined when it is not set, or is no path of this machine. */
export function modelFolderOf({ uri, read }: ConfigText, files: Files): string | undefined {
  const path = plainPath(valueOf(read, 'modelPath'));
  const isElsewhere = /^[a-z][a-z0-9+.-]+:\/\//i.test(path) || path.includes('${env:');
  return path === '' || isElsewhere ? undefined : files.resolve(uri, path);
}

/** The model that a config would serve, where it is known. */
export async function modelOf(config: ConfigText, files: Files): Promise<LocatedModel | undefined> {
  const located = await locate(config, files, { looksInside: false });
  return located && 'type' in located ? located : undefined;
}

async function locate(
  config: ConfigText,
  files: Files,
  options: { readonly looksInside?: boolean; readonly isEncrypted?: boolean },
): Promise<LocatedModel | ModelTrouble | undefined> {
  const path = modelFolderOf(config, files);
  if (path === undefined) return undefined;
  return locateModel(path, files, { ...options, version: valueOf(config.read, 'version') });
}

/** What is wrong with the folder that modelPath names. */
export async function checkModelFolder(config: ConfigText, files: Files): Promise<Problem[]> {
  const { valueRange: range } = config.read.origins.modelPath;
  const isEncrypted = valueOf(config.read, 'modelEncrypted');
  const located = await locate(config, files, { isEncrypted });
  if (!range || !located) return [];
  const key = 'modelPath';
  if ('code' in located) {
    const { code, message } = located;
    const other = located.key && config.read.origins[located.key].valueRange;
    if (other) return [problem(code, other, message, { key: located.key })];
    const replacement = code === 'model-missing' ? await likelyPath(config, files) : undefined;
    const data = replacement === undefined ? { key } : { key, replacement };
    const hint = replacement === undefined ? '' : ` Is ${replacement} meant?`;
    return [problem(code, range, `${message}${hint}`, data)];
  }
  const { note } = located;
  return [
    ...(note === undefined ? [] : [problem('model-version', range, `${note}.`, { key })]),
    ...(isEncrypted ? checkDecrypted(config, located) : []),
    ...(await runtimeProblems(config, located, range, files)),
  ];
}

/** Whether modelEncrypted means anything for the model. */
function checkDecrypted({ read }: ConfigText, located: LocatedModel): Problem[] {
  const plain = notDecrypted(located);
  const key = 'modelEncrypted';
  const range = read.origins[key].valueRange;
  return plain === undefined || !range ? [] : [problem('model-not-decrypted', range, plain, { key })];
}

/** The path with its last part put right, if a folder beside it has nearly that name. */
async function likelyPath({ uri, read }: ConfigText, files: Files): Promise<string | undefined> {
  const path = valueOf(read, 'modelPath').replace(/\/+$/, '');
  const cut = path.lastIndexOf('/') + 1;
  const above = files.resolve(uri, path.slice(0, cut) || '.');
  const parent = above === undefined ? undefined : await files.look(above);
  if (parent?.kind !== 'folder') return undefined;
  const folders = parent.names.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1));
  const like = nearest(path.slice(cut), folders.slice(0, 200));
  return like === undefined ? undefined : path.slice(0, cut) + like;
}
