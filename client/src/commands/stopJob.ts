import { ProgressLocation, l10n, window } from 'vscode';
import type { App, Handler } from '../app.ts';
import { reportError } from './report.ts';
import { refreshJobs, targetJob } from './target.ts';

/** Stops one serving: it finishes what it has in hand, and what waits stays in the queue. */
export function stopJob(app: App): Handler {
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (!target) return;
    const { configPath, jobName } = target;
    await runStop(app, l10n.t('Stopping "{0}"', jobName), [
      'stop',
      ...(jobName === '' ? [] : [jobName]),
      '--json',
      ...(configPath === '' ? [] : ['-c', configPath]),
    ]);
  };
}

/** Runs a command that stops servings, and looks at what is left. */
export async function runStop(app: App, title: string, args: readonly string[]): Promise<void> {
  try {
    await window.withProgress({ location: ProgressLocation.Notification, title }, () => app.cli.run(args));
    app.store.forget();
    await refreshJobs(app);
    app.watcher.restart();
    app.queues.watcher.restart();
  } catch (error) {
    await reportError(app.log, error);
  }
}
