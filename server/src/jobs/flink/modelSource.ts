import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DetectedModel } from '../../model/detectModel.ts';
import { findModel } from '../../model/findModel.ts';
import { labelsFile } from '../../model/labels.ts';
import type { LoadedConfig } from '../../workspace/loadConfig.ts';
import { externalData } from './externalData.ts';

/** Where the model of a config is: in a folder of this machine, or in one that the file systems of the cluster read. */
export type ModelSource =
  | { readonly kind: 'local'; readonly folder: string; readonly model: DetectedModel }
  | { readonly kind: 'remote'; readonly path: string };

/** Whether a modelPath is left to the file systems of the cluster, such as hdfs: and s3:. */
export function isRemotePath(modelPath: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(modelPath);
}

/** @throws ServingError "model-missing" or "model-undetected" */
export function modelSource({ config, folder }: LoadedConfig): ModelSource {
  if (isRemotePath(config.modelPath)) return { kind: 'remote', path: config.modelPath };
  const modelFolder = resolve(folder, config.modelPath);
  return { kind: 'local', folder: modelFolder, model: findModel(modelFolder, readdirSync) };
}

/** What a folder holds of its model, relative to it.
 *  @throws ServingError "model-missing", or "model-unsupported" for a file outside the model's folder */
export async function modelFiles(folder: string, { type, file, weights }: DetectedModel): Promise<string[]> {
  const others = type === 'onnx' ? await externalData(join(folder, file)) : [];
  const labels = existsSync(join(folder, labelsFile)) ? [labelsFile] : [];
  return [file, ...(weights === undefined ? [] : [weights]), ...others, ...labels];
}
