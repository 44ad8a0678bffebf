import type { Handler, LanguageApp } from '../../app.ts';
import { window } from 'vscode';
import { messageOf } from '../../../../schemas/errors.ts';

export function restartLanguageServer({ language, log }: LanguageApp): Handler {
  return async () => {
    try {
      await language.restart();
    } catch (error) {
      log.error(messageOf(error));
      await window.showErrorMessage(messageOf(error));
    }
  };
}
