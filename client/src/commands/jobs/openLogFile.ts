import { Uri, commands, l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { isHere } from '../../jobs/places.ts';
import { reportError } from '../report.ts';
import { targetJob, type Target } from '../target.ts';

/** Opens the log of a worker as the file that it is. Which files are logs is the command line's word: a registration, which
 *  anyone who can write to Redis may make, names any file. */
export function openLogFile(app: App): Handler {
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (!target) return;
    const workers = app.store
      .jobs()
      .filter(({ jobName, redis }) => jobName === target.jobName && redis === target.redis)
      .flatMap((job) => job.workers.filter(({ registration }) => isHere(registration)));
    if (workers.length === 0) {
      await window.showInformationMessage(l10n.t('The log of "{0}" is on another machine.', target.jobName));
      return;
    }
    try {
      const logs = await logFiles(app, target);
      const files = workers.flatMap(({ registration: { logFile, pid } }) =>
        logs.has(logFile) ? [{ label: l10n.t('Worker {0}', pid), description: logFile }] : [],
      );
      const picked =
        files.length > 1 ? await window.showQuickPick(files, { title: l10n.t('Which log?') }) : files[0];
      if (picked) await commands.executeCommand('vscode.open', Uri.file(picked.description));
      else if (files.length === 0)
        await window.showInformationMessage(
          l10n.t('The workers of "{0}" name no log that is in the folder of the logs.', target.jobName),
        );
    } catch (error) {
      await reportError(app.log, error, target.configPath);
    }
  };
}

async function logFiles({ cli }: App, { jobName, configPath }: Target): Promise<ReadonlySet<string>> {
  const where = configPath === '' ? [] : ['-c', configPath];
  return new Set((await cli.text(['logs', jobName, '--files', ...where])).split('\n'));
}
