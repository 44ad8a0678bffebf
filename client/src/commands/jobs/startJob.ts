import { ProgressLocation, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { jobId } from '../../jobs/jobStore.ts';
import { redisOf } from '../../jobs/places.ts';
import { reportError } from '../report.ts';
import { targetConfig, type Target } from '../target.ts';

/** Starts the job of a config and waits for its first inference. */
export function startJob(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (target) await runStart(app, target, 'start');
  };
}

const steps: Readonly<Record<string, string>> = {
  config: l10n.t('checking the config and the model folder'),
  redis: l10n.t('finding Redis'),
  model: l10n.t('loading the model'),
  secret: l10n.t('waiting for the secret of the model; "cluster-serving secret set" puts it into Redis'),
  'warm-up': l10n.t('first inference'),
};

/** Cancel ends the program that starts, and that takes back what it has begun. */
export async function runStart(app: App, target: Target, verb: 'start' | 'restart'): Promise<void> {
  const { configPath, jobName } = target;
  await workspace.saveAll(false);
  try {
    const config = app.configs.known().find(({ path }) => path === configPath);
    const ids = config ? [jobId({ redis: redisOf(config), jobName })] : [];
    const start = () =>
      window.withProgress(
        {
          location: ProgressLocation.Notification,
          title: l10n.t('Starting "{0}"', jobName),
          cancellable: true,
        },
        async (progress, token) => {
          const abort = new AbortController();
          token.onCancellationRequested(() => abort.abort());
          const lines = await app.cli.run([verb, '--json', '-c', configPath], {
            signal: abort.signal,
            onLine: ({ step }) => {
              if (typeof step === 'string') progress.report({ message: steps[step] ?? step, increment: 25 });
            },
          });
          return abort.signal.aborted ? false : lines.some((line) => 'started' in line);
        },
      );
    const started = await app.store.during(ids, 'starting', start);
    // Its Redis may be one that the watch did not know.
    app.watcher.restart();
    if (started) window.setStatusBarMessage(l10n.t('"{0}" is serving', jobName), 5_000);
  } catch (error) {
    await reportError(app.log, error, configPath);
  }
}
