import { l10n, window } from 'vscode';
import { executeOwn } from '../../commands/execute.ts';
import type { Arrangement } from './arrangement.ts';
import { manyJobs } from './groups.ts';

/** Says once in a workspace that many jobs can be grouped.
 *  @param count  how many there are */
export function offerGroups(arrangement: Arrangement, count: number): void {
  if (count >= manyJobs && arrangement.takeOffer()) void offer(count);
}

async function offer(count: number): Promise<void> {
  const group = l10n.t('Group Jobs…');
  const text = l10n.t('There are {0} jobs. The view can group them by folder, Redis or state.', count);
  if ((await window.showInformationMessage(text, group)) === group) await executeOwn('groupJobs');
}
