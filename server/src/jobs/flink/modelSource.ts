import { join, resolve } from 'node:path';
import { refused } from '../../model/resolveModel.ts';
import { diskFiles } from '../../model/recognise/diskFiles.ts';
import { locateModel, plainPath } from '../../model/recognise/locateModel.ts';
import type { LoadedConfig } from '../loadConfig.ts';

/** Where the model of a config is: a file of this machine, or a folder that the file systems of the cluster read. */
export type ModelSource =
  | { readonly kind: 'local'; readonly file: string }
  | { readonly kind: 'remote'; readonly path: string };

/** Whether a modelPath is left to the file systems of the cluster, such as hdfs: and s3:. */
export function isRemotePath(modelPath: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(modelPath);
}

/** @throws ServingError "model-missing", "model-undetected" or "model-damaged" */
export async function modelSource({ config, folder }: LoadedConfig): Promise<ModelSource> {
  if (isRemotePath(config.modelPath)) return { kind: 'remote', path: config.modelPath };
  const found = await locateModel(resolve(folder, plainPath(config.modelPath)), diskFiles);
  if ('code' in found) throw refused(found);
  return { kind: 'local', file: join(found.folder, found.file) };
}
