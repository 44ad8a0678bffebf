import { ProgressLocation, l10n, window, workspace } from 'vscode';
import type { ReloadReport } from '../../../../../schemas/jobEvents.ts';
import type { App, Handler } from '../../../app.ts';
import { runEach } from '../../../jobs/several/runEach.ts';
import { reportError } from '../../report.ts';
import { reportOutcome } from '../../several/reportOutcome.ts';
import { selectedJobs } from '../../several/selected.ts';
import { targetJob, type Target } from '../../target.ts';

/** Lets a running job serve what its config and its model folder hold now. */
export function reloadJob(app: App): Handler {
  return async (argument, selection) => {
    await workspace.saveAll(false);
    if (await reloadSeveral(app, argument, selection, 'reload')) return;
    const target = await targetJob(app, argument);
    if (target) await runReload(app, target, 'reload');
  };
}

/** Lets a running job go one step back. */
export function rollBackJob(app: App): Handler {
  return async (argument, selection) => {
    if (await reloadSeveral(app, argument, selection, 'rollback')) return;
    const target = await targetJob(app, argument);
    if (target) await runReload(app, target, 'rollback');
  };
}

type Verb = 'reload' | 'rollback';

/** @returns whether several were selected */
async function reloadSeveral(app: App, argument: unknown, selection: unknown, verb: Verb): Promise<boolean> {
  const several = selectedJobs(verb === 'reload' ? 'reloadJob' : 'rollBackJob', argument, selection);
  if (!several) return false;
  const { items, refused } = several;
  const outcome = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Reloading {0} jobs', items.length) },
    () =>
      runEach(
        items,
        async (node) => {
          const target = await targetJob(app, node);
          if (target) await app.cli.run(commandOf(target, verb));
          return target !== undefined;
        },
        // Each loads a model beside the one that it serves.
        { nameOf: ({ jobName }) => jobName, atOnce: 1 },
      ),
  );
  const done = l10n.t('{0} jobs are reloaded', outcome.done);
  await reportOutcome(app, { done: outcome.done, refused: [...outcome.refused, ...refused] }, done);
  return true;
}

function commandOf({ jobName, configPath }: Target, verb: Verb): readonly string[] {
  return [verb, jobName, '--json', ...(configPath === '' ? [] : ['-c', configPath])];
}

async function runReload(app: App, target: Target, verb: Verb): Promise<void> {
  const { jobName, configPath } = target;
  try {
    const lines = await window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Reloading "{0}"', jobName) },
      () => app.cli.run(commandOf(target, verb)),
    );
    const reports = lines.flatMap(({ reloaded }) => (reloaded ?? []) as readonly ReloadReport[]);
    const isChanged = reports.some(({ changed }) => changed !== 'nothing');
    const text = isChanged
      ? l10n.t('"{0}" is reloaded', jobName)
      : l10n.t('Nothing has changed for "{0}"', jobName);
    window.setStatusBarMessage(text, 5_000);
  } catch (error) {
    await reportError(app.log, error, configPath === '' ? undefined : configPath);
  }
}
