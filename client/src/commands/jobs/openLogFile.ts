import { Uri, commands, l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { isHere } from '../../jobs/places.ts';
import { targetJob } from '../target.ts';

/** Opens the log of a worker as the file that it is. */
export function openLogFile(app: App): Handler {
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (!target) return;
    const workers = app.store
      .jobs()
      .filter(({ jobName, redis }) => jobName === target.jobName && redis === target.redis)
      .flatMap((job) => job.workers.filter(({ registration }) => isHere(registration)));
    const files = workers.map(({ registration: { logFile, pid } }) => ({
      label: l10n.t('Worker {0}', pid),
      description: logFile,
    }));
    const picked =
      files.length > 1 ? await window.showQuickPick(files, { title: l10n.t('Which log?') }) : files[0];
    if (picked) await commands.executeCommand('vscode.open', Uri.file(picked.description));
    else if (files.length === 0)
      await window.showInformationMessage(l10n.t('The log of "{0}" is on another machine.', target.jobName));
  };
}
