import { diskFiles } from '../model/recognise/diskFiles.ts';
import { resolveModel, type ResolvedModel } from '../model/resolveModel.ts';
import { isRemotePath } from './flink/submit/modelSource.ts';
import type { LoadedConfig } from '../workspace/loadConfig.ts';
import { runtimesFolder, stateFolderPath } from './machine/stateFolderPath.ts';

/** The model of a config with the runtime that is to run it; undefined where only the cluster can read it.
 *  @throws ServingError "model-…" or "runtime-missing" */
export async function modelOf({ config, folder }: LoadedConfig): Promise<ResolvedModel | undefined> {
  // Flink's own file systems read these on the cluster.
  if (isRemotePath(config.modelPath)) return undefined;
  const search = { env: process.env, installedIn: runtimesFolder(stateFolderPath()) };
  return resolveModel({ config, configFolder: folder, files: diskFiles, search });
}
