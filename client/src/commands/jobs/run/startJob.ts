import { ProgressLocation, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../../app.ts';
import { jobId } from '../../../jobs/jobStore.ts';
import { redisOf } from '../../../jobs/places.ts';
import { runEach } from '../../../jobs/several/runEach.ts';
import type { JobNode } from '../../../views/jobsTree.ts';
import { reportError } from '../../report.ts';
import { reportOutcome } from '../../several/reportOutcome.ts';
import { selectedJobs, type Several } from '../../several/selected.ts';
import { targetConfig, type Target } from '../../target.ts';

export type StartVerb = 'start' | 'restart';

/** Starts the job of a config and waits for its first inference. */
export function startJob(app: App): Handler {
  return async (argument, selection) => {
    const several = selectedJobs('startJob', argument, selection);
    if (several) {
      await runStarts(app, several, 'start');
      return;
    }
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
export async function runStart(app: App, target: Target, verb: StartVerb): Promise<void> {
  const { configPath, jobName } = target;
  await workspace.saveAll(false);
  try {
    const started = await showing(l10n.t('Starting "{0}"', jobName), (say, signal) =>
      start(app, target, verb, { say: (step) => say(step, 25), signal }),
    );
    if (started) window.setStatusBarMessage(l10n.t('"{0}" is serving', jobName), 5_000);
  } catch (error) {
    await reportError(app.log, error, configPath);
  }
}

/** One after the other: while a model is loaded, it takes what processors there are. */
export async function runStarts(
  app: App,
  { items, refused }: Several<JobNode>,
  verb: StartVerb,
): Promise<void> {
  await workspace.saveAll(false);
  const outcome = await showing(l10n.t('Starting {0} jobs', items.length), (say, signal) =>
    runEach(
      items,
      async ({ jobName, configPath = '' }, place) => {
        const where = l10n.t('"{0}", {1} of {2}', jobName, place + 1, items.length);
        say(where, 100 / items.length);
        return start(app, { jobName, configPath }, verb, {
          say: (step) => say(`${where}: ${step}`, 0),
          signal,
        });
      },
      { nameOf: ({ jobName }) => jobName, atOnce: 1, signal },
    ),
  );
  const done = l10n.t('{0} jobs are serving', outcome.done);
  await reportOutcome(app, { done: outcome.done, refused: [...outcome.refused, ...refused] }, done);
}

/** @param say  takes what is being done, and by how much it is nearer to the end, in percent */
type Say = (message: string, percent: number) => void;

function showing<T>(title: string, work: (say: Say, signal: AbortSignal) => Promise<T>): Thenable<T> {
  const location = ProgressLocation.Notification;
  return window.withProgress({ location, title, cancellable: true }, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return work((message, increment) => progress.report({ message, increment }), abort.signal);
  });
}

interface Starting {
  /** Takes each step. */
  readonly say: (step: string) => void;
  readonly signal: AbortSignal;
}

/** @returns whether it serves: not after a cancel */
async function start(
  app: App,
  { configPath }: Target,
  verb: StartVerb,
  { say, signal }: Starting,
): Promise<boolean> {
  const config = app.configs.known().find(({ path }) => path === configPath);
  const ids = config ? [jobId({ redis: redisOf(config), jobName: config.jobName })] : [];
  const lines = await app.store.during(ids, 'starting', () =>
    app.cli.run([verb, '--json', '-c', configPath], {
      signal,
      onLine: ({ step }) => {
        if (typeof step === 'string') say(steps[step] ?? step);
      },
    }),
  );
  // Its Redis may be one that the watch did not know.
  app.watcher.restart();
  return !signal.aborted && lines.some((line) => 'started' in line);
}
