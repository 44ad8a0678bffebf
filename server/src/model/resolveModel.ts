import { join, resolve } from 'node:path';
import type { Config } from '../../../schemas/configKeys.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { installCommand, runtimeRow, type RuntimeName } from '../../../schemas/runtimes.ts';
import { findModel, type DirectoryEntry } from './findModel.ts';
import type { DetectedModel } from './detectModel.ts';
import { chooseRuntime } from './runtimes/chooseRuntime.ts';
import type { RuntimePlace, SearchPlaces } from './runtimes/runtime.ts';
import { runtimeTable } from './runtimes/runtimes.ts';
import type { ModelSource } from './session.ts';

/** A model of a config, with what will run it. */
export interface ResolvedModel {
  readonly found: DetectedModel;
  /** Absolute path of the model's folder. */
  readonly folder: string;
  readonly source: ModelSource;
  readonly runtime: RuntimeName;
  readonly place: RuntimePlace;
}

export interface ModelQuestion {
  readonly config: Pick<Config, 'modelPath' | 'backend' | 'runtime' | 'openvinoPath'>;
  /** The folder of the config file. */
  readonly configFolder: string;
  readonly readFolder: (path: string, options: { withFileTypes: true }) => readonly DirectoryEntry[];
  readonly search: Omit<SearchPlaces, 'configured'>;
}

/** Finds a config's model and the runtime that is to run it, by the rules that start, doctor and worker share.
 *  @throws ServingError "model-missing", "model-undetected", "model-unsupported" or "runtime-missing" */
export function resolveModel({ config, configFolder, readFolder, search }: ModelQuestion): ResolvedModel {
  const folder = resolve(configFolder, config.modelPath);
  const found = findModel(folder, readFolder);
  const choice = chooseRuntime(found.type, config.backend, config.runtime);
  if ('refusal' in choice)
    throw new ServingError('model-unsupported', `${join(folder, found.file)} ${choice.refusal}.`);
  const { runtime } = choice;
  const configured = config.openvinoPath === '' ? undefined : resolve(configFolder, config.openvinoPath);
  const place = runtimeTable[runtime].find({ ...search, configured });
  if (!place) throw missing(runtime, join(folder, found.file), configured);
  const source: ModelSource = {
    type: found.type,
    file: join(folder, found.file),
    ...(found.weights === undefined ? {} : { weights: join(folder, found.weights) }),
  };
  return { found, folder, source, runtime, place };
}

function missing(runtime: RuntimeName, file: string, configured: string | undefined): ServingError {
  const { title } = runtimeRow(runtime);
  const why =
    configured === undefined
      ? `${title} is not installed on this machine, and ${file} needs it. Install it with: ${installCommand(runtime)}`
      : `openvinoPath ${configured} holds no library of ${title}, and ${file} needs it. Correct the path, or remove the key and run: ${installCommand(runtime)}`;
  return new ServingError('runtime-missing', why);
}
