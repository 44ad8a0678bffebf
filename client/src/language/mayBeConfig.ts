import type { TextDocument } from 'vscode';
import { configLanguageId } from '../../../schemas/editor/languageMessages.ts';
import { oldSections } from '../../../schemas/config/oldKeys.ts';
import { flatSpellings } from '../../../schemas/config/spellings.ts';

/** No config is larger. In UTF-16 units. */
const maxLength = 256 * 1024;
const keys = flatSpellings.map(({ name }) => name);
const keyLine = new RegExp(
  `^[ \\t]*(?:#[ \\t]*)?(?:(?:${keys.join('|')}|modelMetaDataList)[ \\t]*:|#.*\\bcluster[- ]serving\\b)|^(?:${oldSections.join('|')})[ \\t]*:`,
  'im',
);

/** By its name, or by a line with a key, commented or not. Cheap, because it runs for each text that is YAML; the server
 *  looks closer.
 *  @param isAnyNamed  whether the settings name files that are configs, whatever their content */
export function mayBeConfig(document: TextDocument, isAnyNamed: boolean): boolean {
  const { languageId, fileName } = document;
  if (languageId === configLanguageId) return true;
  if (languageId !== 'yaml') return false;
  if (isAnyNamed || /(^|[\\/])(config|servables-conf)\.ya?ml$/.test(fileName)) return true;
  const text = document.getText();
  return text.length <= maxLength && keyLine.test(text);
}
