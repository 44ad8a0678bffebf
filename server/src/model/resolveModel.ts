import { join, resolve } from 'node:path';
import type { Config } from '../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { howToInstall, modelTypeRow, runtimeRow, type RuntimeName } from '../../../schemas/runtimes.ts';
import { configuredPlace } from './runtimes/configuredPlace.ts';
import { forbiddenPickle } from './recognise/runsCode.ts';
import type { LocatedModel } from './recognise/detectModel.ts';
import { locateModel, type ModelTrouble } from './recognise/locateModel.ts';
import type { ModelFiles } from './recognise/modelFiles.ts';
import { plainPath } from './recognise/plainPath.ts';
import { chooseRuntime } from './runtimes/chooseRuntime.ts';
import type { RuntimePlace, SearchPlaces } from './runtimes/runtime.ts';
import { runtimeTable } from './runtimes/runtimes.ts';
import type { ModelSource } from './session.ts';

/** A model of a config, with what will run it. */
export interface ResolvedModel {
  readonly found: LocatedModel;
  readonly source: ModelSource;
  readonly runtime: RuntimeName;
  readonly place: RuntimePlace;
  /** Its files have to be decrypted before they are loaded. */
  readonly isEncrypted: boolean;
}

export interface ModelQuestion {
  readonly config: Pick<
    Config,
    | 'modelPath'
    | 'version'
    | 'backend'
    | 'runtime'
    | 'openvinoPath'
    | 'python'
    | 'allowPickle'
    | 'modelEncrypted'
  >;
  /** The folder of the config file. */
  readonly configFolder: string;
  readonly files: ModelFiles;
  readonly search: Omit<SearchPlaces, 'configured'>;
  /** The workers are on other machines, which may have what this one has not. */
  readonly isElsewhere?: boolean;
}

/** Finds a config's model and the runtime that is to run it, by the rules that start, doctor and worker share.
 *  @throws ServingError "model-missing", "model-undetected", "model-damaged", "model-unsupported" or "runtime-missing" */
export async function resolveModel({
  config,
  configFolder,
  files,
  search,
  isElsewhere = false,
}: ModelQuestion): Promise<ResolvedModel> {
  const path = resolve(configFolder, plainPath(config.modelPath));
  const { modelEncrypted, version } = config;
  const found = await locateModel(path, files, { isEncrypted: modelEncrypted, version });
  if ('code' in found) throw refused(found);
  const { folder } = found;
  const choice = chooseRuntime(found.type, config.backend, config.runtime);
  if ('refusal' in choice)
    throw new ServingError('model-unsupported', `${join(folder, found.file)} ${choice.refusal}.`);
  const { runtime } = choice;
  const forbidden = forbiddenPickle(found, config.allowPickle);
  if (forbidden !== undefined)
    throw new ServingError('model-pickled', `${join(folder, found.file)} ${forbidden}`);
  const place = resolvePlace(runtime, join(folder, found.file), {
    config,
    configFolder,
    search,
    isElsewhere,
  });
  const source: ModelSource = {
    type: found.type,
    file: join(folder, found.file),
    ...(found.weights === undefined ? {} : { weights: join(folder, found.weights) }),
    ...(found.isPickle ? { isPickle: true } : {}),
  };
  const isEncrypted = modelEncrypted && modelTypeRow(found.type).isDecrypted === true;
  return { found, source, runtime, place, isEncrypted };
}

/** Where a runtime is for the workers of a config.
 *  @param file  of the model, for the message @throws ServingError "runtime-missing" */
export function resolvePlace(
  runtime: RuntimeName,
  file: string,
  { config, configFolder, search, isElsewhere = false }: Omit<ModelQuestion, 'files'>,
): RuntimePlace {
  const { key, onFlink } = runtimeRow(runtime);
  const configured = key && configuredPlace(key, config[key], (path) => resolve(configFolder, path));
  if (isElsewhere && onFlink === 'found') return { place: configured ?? '', from: 'of each TaskManager' };
  const place = runtimeTable[runtime].find({ ...search, configured });
  if (!place) throw missing(runtime, file, configured);
  return place;
}

/** The world's errors have fewer codes than a config's problems. */
export function refused({ code, message, key }: ModelTrouble): ServingError {
  const known = code === 'model-missing' || code === 'model-damaged' ? code : 'model-undetected';
  return new ServingError(known, `${key ?? 'modelPath'}: ${message}`);
}

function missing(runtime: RuntimeName, file: string, configured: string | undefined): ServingError {
  const { title, key = '' } = runtimeRow(runtime);
  const why =
    configured === undefined
      ? `${title} is not on this machine, and ${file} needs it. ${howToInstall(runtime)}`
      : `${key}: ${configured} is no ${title}, and ${file} needs it. Correct the key, or remove it. ${howToInstall(runtime)}`;
  return new ServingError('runtime-missing', why);
}
