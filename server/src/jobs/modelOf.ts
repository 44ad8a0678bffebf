import { diskFiles } from '../model/recognise/diskFiles.ts';
import { resolveModel, resolvePlace, type ModelQuestion, type ResolvedModel } from '../model/resolveModel.ts';
import { isRemotePath } from './flink/submit/modelSource.ts';
import type { LoadedConfig } from '../workspace/loadConfig.ts';
import { runtimesFolder, stateFolderPath } from './machine/stateFolderPath.ts';

/** The model of a config with the runtime that is to run it; undefined where only the cluster can read it.
 *  @throws ServingError "model-…" or "runtime-missing" */
export async function modelOf({ config, folder }: Questioned): Promise<ResolvedModel | undefined> {
  // Flink's own file systems read these on the cluster.
  if (isRemotePath(config.modelPath)) return undefined;
  return resolveModel({ ...questionOf({ config, folder }), files: diskFiles });
}

/** The library of OpenVINO that is sent to a cluster with a job: for a model that it runs; for one that only the cluster can
 *  read, where the config names it. @throws ServingError "runtime-missing" */
export function openvinoToSend(loaded: LoadedConfig, model: ResolvedModel | undefined): string | undefined {
  if (model) return model.runtime === 'openvino' ? model.place.place : undefined;
  const { modelPath, runtime } = loaded.config;
  return runtime === 'openvino' ? resolvePlace(runtime, modelPath, questionOf(loaded)).place : undefined;
}

type Questioned = Pick<LoadedConfig, 'config' | 'folder'>;

function questionOf({ config, folder }: Questioned): Omit<ModelQuestion, 'files'> {
  const search = { env: process.env, installedIn: runtimesFolder(stateFolderPath()) };
  return { config, configFolder: folder, search, isElsewhere: config.backend === 'flink' };
}
