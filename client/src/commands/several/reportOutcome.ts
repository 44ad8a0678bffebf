import { l10n, window } from 'vscode';
import type { App } from '../../app.ts';
import { allRefusals, shortRefusals, unnamed } from '../../jobs/several/refusedText.ts';
import type { Outcome } from '../../jobs/several/runEach.ts';

/** What a report offers. */
export interface Next {
  readonly title: string;
  readonly act: () => Promise<void>;
}

/** Says of several what was not done, each by its name.
 *  @param done  what is said where all were done
 *  @param next  offered where something was done */
export async function reportOutcome(app: App, outcome: Outcome, done: string, next?: Next): Promise<void> {
  const offered = next && outcome.done > 0 ? [next] : [];
  if (outcome.refused.length > 0) await reportRefused(app, outcome, offered);
  else if (outcome.done === 0) return;
  else if (offered.length === 0) window.setStatusBarMessage(done, 5_000);
  else await act(await window.showInformationMessage(done, ...titles(offered)), offered);
}

async function reportRefused(app: App, outcome: Outcome, offered: readonly Next[]): Promise<void> {
  app.log.warn(allRefusals(outcome));
  const total = outcome.done + outcome.refused.length;
  const short = shortRefusals(outcome);
  const more = unnamed(outcome);
  const text =
    more === 0
      ? l10n.t('{0} of {1} done. {2}', outcome.done, total, short)
      : l10n.t('{0} of {1} done. {2} And {3} more.', outcome.done, total, short, more);
  const all: Next = {
    title: l10n.t('Show All'),
    act: () => app.reports.show(l10n.t('Not done.txt'), allRefusals(outcome)),
  };
  const buttons = [...offered, ...(more === 0 ? [] : [all])];
  await act(await window.showWarningMessage(text, ...titles(buttons)), buttons);
}

function titles(buttons: readonly Next[]): readonly string[] {
  return buttons.map(({ title }) => title);
}

async function act(picked: string | undefined, buttons: readonly Next[]): Promise<void> {
  await buttons.find(({ title }) => title === picked)?.act();
}
