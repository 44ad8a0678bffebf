import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { modelTypeRow } from '../../../../../schemas/runtimes.ts';
import { labelsFile } from '../../../model/labels.ts';
import type { LocatedModel } from '../../../model/recognise/detectModel.ts';
import { externalData } from './externalData.ts';

/** Whether a modelPath is left to the file systems of the cluster, such as hdfs: and s3:. */
export function isRemotePath(modelPath: string): boolean {
  return /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(modelPath);
}

/** What a folder holds of its model, relative to it.
 *  @throws ServingError "model-missing", or "model-unsupported" for a file outside the model's folder */
export async function modelFiles(folder: string, { type, file, weights }: LocatedModel): Promise<readonly string[]> {
  const others = type === 'onnx' ? await externalData(join(folder, file)) : [];
  const { beside } = modelTypeRow(type);
  const belonging = beside ? filesBelow(folder).filter((name) => beside.test(name)) : [];
  const labels = existsSync(join(folder, labelsFile)) ? [labelsFile] : [];
  return [...new Set([file, ...(weights === undefined ? [] : [weights]), ...others, ...belonging, ...labels])];
}

/** By paths with slashes; links to files are followed, those to folders are not. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
