import { StatusBarAlignment, ThemeColor, l10n, window } from 'vscode';
import { jobsView } from '../../../schemas/editor/commands.ts';
import type { Disposing } from '../disposing.ts';
import type { JobStore } from '../jobs/jobStore.ts';
import { statusText } from './statusText.ts';

/** One item: how many jobs run, or how many need attention. It asks for nothing itself: of what
 *  is not being watched it says when it was last seen. */
export function createStatusBar(store: JobStore): Disposing {
  const item = window.createStatusBarItem('jobs', StatusBarAlignment.Left);
  item.name = 'Cluster Serving';
  item.command = `${jobsView}.focus`;
  const draw = () => {
    const jobs = store.jobs();
    const { text, tooltip, isAlarm } = statusText(
      jobs,
      (redis) => store.asOf(redis),
      Date.now(),
      (message, ...args) => l10n.t(message, ...args),
    );
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = isAlarm ? new ThemeColor('statusBarItem.errorBackground') : undefined;
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
