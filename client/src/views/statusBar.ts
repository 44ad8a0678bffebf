import { StatusBarAlignment, ThemeColor, l10n, window } from 'vscode';
import { jobsView } from '../../../schemas/editor/commands.ts';
import type { Disposing } from '../disposing.ts';
import { isUnhealthy, type JobStore } from '../jobs/jobStore.ts';

/** One item: how many jobs run, or how many need attention. It shows what is known and asks for nothing itself. */
export function createStatusBar(store: JobStore): Disposing {
  const item = window.createStatusBarItem('jobs', StatusBarAlignment.Left);
  item.name = 'Cluster Serving';
  item.command = `${jobsView}.focus`;
  const draw = () => {
    const jobs = store.jobs();
    const unhealthy = jobs.filter(isUnhealthy).length;
    item.text =
      unhealthy > 0
        ? `$(error) ${l10n.t('{0} of {1} jobs failed', unhealthy, jobs.length)}`
        : `$(server-process) ${jobs.length === 1 ? l10n.t('1 job') : l10n.t('{0} jobs', jobs.length)}`;
    item.tooltip = unhealthy > 0 ? l10n.t('Jobs that need attention') : l10n.t('Known jobs');
    item.backgroundColor = unhealthy > 0 ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    if (jobs.length > 0) item.show();
    else item.hide();
  };
  const subscription = store.onChange(draw);
  return {
    dispose: () => {
      subscription.dispose();
      item.dispose();
    },
  };
}
