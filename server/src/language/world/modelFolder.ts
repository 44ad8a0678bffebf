import type { Problem, Range } from '../../../../schemas/problems.ts';
import { nearest } from '../../config/nearest.ts';
import { problem } from '../../config/problem.ts';
import { howToInstall, modelTypeRow, runtimeRow, type RuntimeName } from '../../../../schemas/runtimes.ts';
import type { DetectedModel, LocatedModel } from '../../model/recognise/detectModel.ts';
import { locateModel, type ModelTrouble } from '../../model/recognise/locateModel.ts';
import { plainPath } from '../../model/recognise/plainPath.ts';
import { missingText } from '../../model/python/missingText.ts';
import { codeOf, forbiddenPickle } from '../../model/recognise/runsCode.ts';
import { chooseRuntime } from '../../model/runtimes/chooseRuntime.ts';
import { configuredPlace } from '../../model/runtimes/configuredPlace.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';

/** Where modelPath leads; undefined when it is not set, or is no path of this machine. */
export function modelFolderOf({ uri, read }: ConfigText, files: Files): string | undefined {
  const path = plainPath(valueOf(read, 'modelPath'));
  const isElsewhere = /^[a-z][a-z0-9+.-]+:\/\//i.test(path) || path.includes('${env:');
  return path === '' || isElsewhere ? undefined : files.resolve(uri, path);
}

/** The model that a config would serve, where it is known. */
export async function modelOf(config: ConfigText, files: Files): Promise<LocatedModel | undefined> {
  const located = await locate(config, files, false);
  return located && 'type' in located ? located : undefined;
}

async function locate(
  config: ConfigText,
  files: Files,
  looksInside: boolean,
): Promise<LocatedModel | ModelTrouble | undefined> {
  const path = modelFolderOf(config, files);
  if (path === undefined) return undefined;
  return locateModel(path, files, { looksInside });
}

/** What is wrong with the folder that modelPath names. */
export async function checkModelFolder(config: ConfigText, files: Files): Promise<Problem[]> {
  const { valueRange: range } = config.read.origins.modelPath;
  // The content of an encrypted file shows nothing.
  const located = await locate(config, files, !valueOf(config.read, 'modelEncrypted'));
  if (!range || !located) return [];
  const key = 'modelPath';
  if ('code' in located) {
    const { code, message } = located;
    const replacement = code === 'model-missing' ? await likelyPath(config, files) : undefined;
    const data = replacement === undefined ? { key } : { key, replacement };
    const hint = replacement === undefined ? '' : ` Is ${replacement} meant?`;
    return [problem(code, range, `${message}${hint}`, data)];
  }
  const { note } = located;
  return [
    ...(note === undefined ? [] : [problem('model-version', range, `${note}.`, { key })]),
    ...(await checkRuntime(config, located, range, files)),
  ];
}

/** Whether something runs the model, and is on this machine. */
async function checkRuntime(
  { uri, read }: ConfigText,
  located: DetectedModel,
  range: Range,
  files: Files,
): Promise<Problem[]> {
  const key = 'modelPath';
  const { type, file } = located;
  const choice = chooseRuntime(type, valueOf(read, 'backend'), valueOf(read, 'runtime'));
  if ('refusal' in choice)
    return [problem('model-unsupported', range, `${file} ${choice.refusal}.`, { key })];
  const forbidden = forbiddenPickle(located, valueOf(read, 'allowPickle'));
  if (forbidden !== undefined) return [problem('model-pickled', range, `${file} ${forbidden}`, { key })];
  const code = codeOf(located);
  const warnings = code === undefined ? [] : [problem('model-runs-code', range, `${file} ${code}.`, { key })];
  const { runtime } = choice;
  const missing = await missingRuntime({ uri, read }, located, runtime, files);
  if (missing === undefined) return warnings;
  const { install } = runtimeRow(runtime);
  const data = install ? { key, runtime } : { key };
  return [...warnings, problem('runtime-missing', range, missing, data)];
}

/** What a model needs and is not on this machine, as a sentence. Nothing is run to find out. */
async function missingRuntime(
  { uri, read }: Pick<ConfigText, 'uri' | 'read'>,
  { type, file }: DetectedModel,
  runtime: RuntimeName,
  files: Files,
): Promise<string | undefined> {
  const { key, title } = runtimeRow(runtime);
  const value = key === undefined ? '' : valueOf(read, key);
  const configured =
    key === undefined || value.includes('${env:')
      ? undefined
      : configuredPlace(key, value, (path) => files.resolve(uri, path));
  if (!(await files.hasRuntime(runtime, configured)))
    return `${file} needs ${title}, which is not on this machine. ${howToInstall(runtime)}`;
  const { modules = [] } = modelTypeRow(type);
  const lacking = runtime === 'python' ? await files.lackingModules(configured, modules) : undefined;
  return lacking && missingText(file, lacking.python, lacking.modules);
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
