import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findModel } from '../../model/findModel.ts';
import type { LoadedConfig } from '../../workspace/loadConfig.ts';

/** Where the model of a config is: a file of this machine, or a folder that the file systems of the cluster read. */
export type ModelSource =
  | { readonly kind: 'local'; readonly file: string }
  | { readonly kind: 'remote'; readonly path: string };

/** Whether a modelPath is left to the file systems of the cluster, such as hdfs: and s3:. */
export function isRemotePath(modelPath: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(modelPath);
}

/** @throws ServingError "model-missing" or "model-undetected" */
export function modelSource({ config, folder }: LoadedConfig): ModelSource {
  if (isRemotePath(config.modelPath)) return { kind: 'remote', path: config.modelPath };
  const modelFolder = resolve(folder, config.modelPath);
  return { kind: 'local', file: join(modelFolder, findModel(modelFolder, readdirSync).file) };
}
