import { l10n } from 'vscode';
import type { App, Handler } from '../../../app.ts';
import { confirm } from '../../confirm.ts';
import { selectedJobs } from '../../several/selected.ts';
import { targetConfig } from '../../target.ts';
import { runStart, runStarts } from './startJob.ts';

/** Stops the job of a config, if it runs, and starts it. */
export function restartJob(app: App): Handler {
  return async (argument, selection) => {
    const several = selectedJobs('restartJob', argument, selection);
    if (several) {
      const agreed = await confirm(
        l10n.t('Restart {0} jobs?', several.items.length),
        several.items.map(({ jobName }) => jobName).join('\n'),
        l10n.t('Restart'),
      );
      if (agreed) await runStarts(app, several, 'restart');
      return;
    }
    const target = await targetConfig(app, argument);
    if (target) await runStart(app, target, 'restart');
  };
}
