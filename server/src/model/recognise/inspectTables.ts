import type { ModelType } from '../../../../schemas/runtimes.ts';
import type { ModelFiles } from './modelFiles.ts';

const headBytes = 4_096;
/** More files of such names are no model folder. */
const maxLooked = 50;

/** What models begin with whose names say nothing: `.json`, `.txt` and `.model` may be anything. */
const beginnings: readonly (readonly [name: RegExp, head: RegExp, type: ModelType])[] = [
  // eslint-disable-next-line no-control-regex -- the binary form of JSON has lengths in it
  [/\.(?:json|model|ubj)$/i, /^\s*\{\s*(?:"|[iIlL][\x00-\x20]{1,8})(?:learner|version|Config)\b/, 'xgboost'],
  [/\.(?:txt|model)$/i, /^tree\r?\nversion=v\d/, 'lightgbm'],
];

/** The models of decision trees among the files of a folder, which are known by what they begin with.
 *  @param names  of its files */
export async function findTables(
  folder: string,
  names: readonly string[],
  files: ModelFiles,
): Promise<readonly { readonly type: ModelType; readonly file: string }[]> {
  const found = [];
  for (const file of names.filter((name) => !name.startsWith('.')).slice(0, maxLooked)) {
    const rows = beginnings.filter(([name]) => name.test(file));
    if (rows.length === 0) continue;
    const head = await files.bytes(`${folder}/${file}`, 0, headBytes);
    const text = head && new TextDecoder('latin1').decode(head);
    const row = text === undefined ? undefined : rows.find(([, pattern]) => pattern.test(text));
    if (row) found.push({ type: row[2], file });
  }
  return found;
}
