import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LocatedModel } from '../../../model/recognise/detectModel.ts';
import { diskFiles } from '../../../model/recognise/diskFiles.ts';
import { locateModel } from '../../../model/recognise/locateModel.ts';
import { plainPath } from '../../../model/recognise/plainPath.ts';
import { labelsFile } from '../../../model/labels.ts';
import { refused } from '../../../model/resolveModel.ts';
import type { LoadedConfig } from '../../../workspace/loadConfig.ts';
import { externalData } from './externalData.ts';

/** Where the model of a config is: in a folder of this machine, or in one that the file systems of the cluster read. */
export type ModelSource =
  | { readonly kind: 'local'; readonly folder: string; readonly model: LocatedModel }
  | { readonly kind: 'remote'; readonly path: string };

/** Whether a modelPath is left to the file systems of the cluster, such as hdfs: and s3:. */
export function isRemotePath(modelPath: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(modelPath);
}

/** @throws ServingError "model-missing", "model-undetected" or "model-damaged" */
export async function modelSource({ config, folder }: LoadedConfig): Promise<ModelSource> {
  if (isRemotePath(config.modelPath)) return { kind: 'remote', path: config.modelPath };
  const found = await locateModel(resolve(folder, plainPath(config.modelPath)), diskFiles, {
    isEncrypted: config.modelEncrypted,
    version: config.version,
  });
  if ('code' in found) throw refused(found);
  return { kind: 'local', folder: found.folder, model: found };
}

/** What a folder holds of its model, relative to it.
 *  @throws ServingError "model-missing", or "model-unsupported" for a file outside the model's folder */
export async function modelFiles(folder: string, { type, file, weights }: LocatedModel): Promise<string[]> {
  const others = type === 'onnx' ? await externalData(join(folder, file)) : [];
  const labels = existsSync(join(folder, labelsFile)) ? [labelsFile] : [];
  return [file, ...(weights === undefined ? [] : [weights]), ...others, ...labels];
}
