import type { TextDocument } from 'vscode';
import { ownLanguage } from '../../../schemas/languageMessages.ts';
import { oldSections } from '../../../schemas/oldKeys.ts';
import { flatSpellings } from '../../../schemas/spellings.ts';

/** No config is larger. In UTF-16 units. */
const maxLength = 256 * 1024;
const keys = flatSpellings.map(({ name }) => name);
const ownWords = new RegExp(
  `^[ \\t]*(?:#[ \\t]*)?(?:(?:${keys.join('|')}|modelMetaDataList)[ \\t]*:|#.*\\bcluster[- ]serving\\b)|^(?:${oldSections.join('|')})[ \\t]*:`,
  'im',
);

/** By its name, or by a line of ours, commented or not. Cheap, for it is asked about each text that is YAML; the server
 *  looks closer.
 *  @param isAnyNamed  whether the settings name files that are ours, whatever stands in them */
export function mayBeOurs(document: TextDocument, isAnyNamed: boolean): boolean {
  const { languageId, fileName } = document;
  if (languageId === ownLanguage) return true;
  if (languageId !== 'yaml') return false;
  if (isAnyNamed || /(^|[\\/])(config|servables-conf)\.ya?ml$/.test(fileName)) return true;
  const text = document.getText();
  return text.length <= maxLength && ownWords.test(text);
}
