import { Uri, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { replaceText } from '../../language/replaceText.ts';
import { reportError } from '../report.ts';
import { targetConfig } from '../target.ts';

/** Writes a config of the older form as one writes it now; what is read from it stays the same. */
export function convertConfig(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const uri = Uri.file(target.configPath);
    try {
      const document = await workspace.openTextDocument(uri);
      const before = document.getText();
      const after = await app.language.converted(before);
      if (after === before) {
        await window.showInformationMessage(
          l10n.t('{0} has nothing to convert.', workspace.asRelativePath(uri)),
        );
        return;
      }
      await replaceText(document, after);
      await window.showTextDocument(document);
    } catch (error) {
      await reportError(app.log, error, target.configPath);
    }
  };
}
