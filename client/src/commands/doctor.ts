import { ViewColumn, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../app.ts';
import { findingsText, type Finding } from '../jobs/findingsText.ts';
import { reportError } from './report.ts';
import { targetConfig } from './target.ts';

/** Checks everything that a start of a config needs, and shows what is missing with what mends it. */
export function doctor(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    try {
      const [line] = await app.cli.run(['doctor', '--json', '-c', target.configPath]);
      const findings = (line?.findings ?? []) as readonly Finding[];
      const document = await workspace.openTextDocument({
        language: 'markdown',
        content: findingsText(l10n.t('What a start of "{0}" needs', target.jobName), findings),
      });
      await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preview: true });
    } catch (error) {
      await reportError(app.log, error, target.configPath);
    }
  };
}
