import { ServingError, whyUnreadable } from '../../../schemas/errors.ts';
import { detectModel, type DetectedModel } from './detectModel.ts';

export interface DirectoryEntry {
  readonly name: string;
  isDirectory(): boolean;
}

/** The one model of a folder. @throws ServingError "model-missing" or "model-undetected" */
export function findModel(
  folder: string,
  readFolder: (path: string, options: { withFileTypes: true }) => readonly DirectoryEntry[],
): DetectedModel {
  let entries;
  try {
    entries = readFolder(folder, { withFileTypes: true });
  } catch (error) {
    throw new ServingError('model-missing', `modelPath ${folder} cannot be read: ${whyUnreadable(error)}.`, {
      cause: error,
    });
  }
  const detected = detectModel(entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)));
  if ('code' in detected)
    throw new ServingError('model-undetected', `modelPath ${folder}: ${detected.message}`);
  return detected;
}
