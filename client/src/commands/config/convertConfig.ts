import { Uri, l10n, window, workspace, type TextDocument } from 'vscode';
import { messageOf } from '../../../../schemas/errors.ts';
import { configLanguageId } from '../../../../schemas/editor/languageMessages.ts';
import type { Handler, LanguageApp } from '../../app.ts';
import { replaceText } from '../../language/replaceText.ts';

/** Writes a config of the older form as one writes it now; what is read from it stays the same. It works on what was
 *  clicked, else on the config that is open. */
export function convertConfig({ language, log }: LanguageApp): Handler {
  return async (argument) => {
    try {
      const document = await documentOf(argument);
      if (!document) {
        await window.showInformationMessage(l10n.t('Open the config that is to be converted.'));
        return;
      }
      const before = document.getText();
      const after = await language.converted(before);
      if (after === before) {
        await window.showInformationMessage(
          l10n.t('{0} has nothing to convert.', workspace.asRelativePath(document.uri)),
        );
        return;
      }
      await replaceText(document, after);
      await window.showTextDocument(document);
    } catch (error) {
      log.error(messageOf(error));
      await window.showErrorMessage(messageOf(error));
    }
  };
}

async function documentOf(argument: unknown): Promise<TextDocument | undefined> {
  if (argument instanceof Uri) return workspace.openTextDocument(argument);
  if (typeof argument === 'string') return workspace.openTextDocument(Uri.parse(argument));
  const path =
    typeof argument === 'object' && argument !== null && 'configPath' in argument
      ? argument.configPath
      : undefined;
  if (typeof path === 'string') return workspace.openTextDocument(Uri.file(path));
  const open = window.activeTextEditor?.document;
  return open?.languageId === configLanguageId ? open : undefined;
}
