import { l10n, window } from 'vscode';
import type { App, Handler } from '../../../app.ts';
import type { Grouping } from '../../../views/arrange/groups.ts';

/** Asks by what the jobs are grouped; the answer is kept with the workspace. */
export function groupJobs({ arrangement }: App): Handler {
  return async () => {
    const now = arrangement.grouping();
    const item = (label: string, grouping?: Grouping) => ({
      label,
      grouping,
      ...(grouping === now ? { description: l10n.t('now') } : {}),
    });
    const picked = await window.showQuickPick(
      [
        item(l10n.t('Folder'), 'folder'),
        item(l10n.t('Redis or Kafka'), 'store'),
        item(l10n.t('State'), 'state'),
        item(l10n.t('No Groups')),
      ],
      { title: l10n.t('Group Jobs') },
    );
    if (picked) await arrangement.setGrouping(picked.grouping);
  };
}
