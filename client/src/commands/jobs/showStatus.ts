import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { reportError } from '../report.ts';
import { targetJob } from '../target.ts';

/** Shows all that is known of a job, as the command line prints it. */
export function showStatus(app: App): Handler {
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (!target) return;
    const { jobName, configPath } = target;
    try {
      const content = await app.cli.text([
        'status',
        jobName,
        ...(configPath === '' ? [] : ['-c', configPath]),
      ]);
      await app.reports.show(l10n.t('Status of {0}.txt', jobName), content);
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
