import type { App, Handler } from '../../app.ts';
import { reportError } from '../report.ts';

export function restartLanguageServer(app: App): Handler {
  return async () => {
    try {
      await app.language.restart();
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
