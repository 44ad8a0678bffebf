import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { findingsText, type Finding } from '../../jobs/findingsText.ts';
import { reportError } from '../report.ts';
import { targetConfig } from '../target.ts';

/** Checks everything that a start of a config needs, and shows what is missing and how to correct it. */
export function doctor(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    try {
      const [line] = await app.cli.run(['doctor', '--json', '-c', target.configPath]);
      const findings = (line?.findings ?? []) as readonly Finding[];
      const title = l10n.t('What a start of "{0}" needs', target.jobName);
      await app.reports.show(l10n.t('Doctor of {0}.md', target.jobName), findingsText(title, findings));
    } catch (error) {
      await reportError(app.log, error, target.configPath);
    }
  };
}
