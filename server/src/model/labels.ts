import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServingError, whyUnreadable } from '../../../schemas/errors.ts';
import { anyType, type TensorInfo } from '../../../schemas/jobEvents.ts';
import { isElementType, numericTypeOf } from '../tensor/elementTypes.ts';

/** Beside the model: the name of one class a line, in the order of the model's scores. */
export const labelsFile = 'labels.txt';

/** Names of classes by output. */
export type Labels = ReadonlyMap<string, readonly string[]>;

/** The names that a model folder has for its classes, beside those that the model has itself: `labels.txt` names those of
 *  the first output of numbers that has none.
 *  @param own  the model's
 *  @throws ServingError "model-unsupported" where the file does not have a name for each class: another name would stand at
 *    a score than is meant */
export function readLabels(folder: string, outputs: readonly TensorInfo[], own: Labels): Labels {
  const names = readNames(join(folder, labelsFile));
  if (!names) return own;
  const output = outputs.find(
    ({ name, type }) => !own.has(name) && (type === anyType || (isElementType(type) && numericTypeOf(type))),
  );
  if (!output) return own;
  const classes = output.shape.at(-1) ?? null;
  if (classes !== null && classes !== names.length)
    throw new ServingError(
      'model-unsupported',
      `${join(folder, labelsFile)} has ${names.length} lines, and the output "${output.name}" has ${classes} classes. One class a line is wanted.`,
    );
  return new Map([...own, [output.name, names]]);
}

function readNames(file: string): string[] | undefined {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ServingError('model-missing', `${file} cannot be read: ${whyUnreadable(error)}.`, {
      cause: error,
    });
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.trim());
}
