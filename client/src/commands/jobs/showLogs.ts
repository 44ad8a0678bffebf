import { l10n, window, type LogOutputChannel } from 'vscode';
import type { App, Handler } from '../../app.ts';
import type { Running } from '../../jobs/cli.ts';
import { createLogWriter } from '../../jobs/logLine.ts';
import { targetJob } from '../target.ts';

/** Shows the log of a job in a channel of its own: the last lines, then each new one. */
export function showLogs(app: App): Handler {
  const followed = new Map<string, { readonly channel: LogOutputChannel; process: Running | undefined }>();
  app.context.subscriptions.push({
    dispose: () => {
      for (const { process } of followed.values()) void process?.stop();
    },
  });
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (!target) return;
    const { jobName, configPath } = target;
    let known = followed.get(jobName);
    if (!known) {
      const channel = window.createOutputChannel(`Cluster Serving: ${jobName}`, { log: true });
      app.context.subscriptions.push(channel);
      known = { channel, process: undefined };
      followed.set(jobName, known);
    }
    const { channel } = known;
    channel.show(true);
    if (known.process) return;
    channel.clear();
    const write = createLogWriter(channel);
    const entry = known;
    entry.process = app.cli.stream(
      ['logs', jobName, '--follow', ...(configPath === '' ? [] : ['-c', configPath])],
      write,
      (stderr) => {
        entry.process = undefined;
        channel.info(stderr === '' ? l10n.t('The log ends here.') : stderr);
      },
    );
  };
}
