import { l10n, window, type QuickPickItem } from 'vscode';
import type { App, Handler } from '../../../app.ts';
import { shownStateText, shownStates, type ShownState } from '../../../views/arrange/listedJob.ts';

interface StateItem extends QuickPickItem {
  readonly state: ShownState;
}

/** Asks for words and states, and shows only the jobs that have them. */
export function filterJobs({ arrangement }: App): Handler {
  return async () => {
    const { text, states } = arrangement.filter();
    const input = window.createQuickPick<StateItem>();
    input.title = l10n.t('Filter Jobs');
    input.placeholder = l10n.t('Words of the name, path, Redis or failure; tick the states to show');
    input.canSelectMany = true;
    input.items = shownStates.map((state) => ({
      state,
      label: shownStateText(state, (message, ...args) => l10n.t(message, ...args)),
      // What is typed is looked for in jobs, not in this list.
      alwaysShow: true,
    }));
    input.selectedItems = input.items.filter(({ state }) => states.includes(state));
    input.value = text;
    const isAccepted = await new Promise<boolean>((resolve) => {
      input.onDidAccept(() => resolve(true));
      input.onDidHide(() => resolve(false));
      input.show();
    });
    const chosen = new Set(input.selectedItems.map(({ state }) => state));
    const next = { text: input.value, states: shownStates.filter((state) => chosen.has(state)) };
    input.dispose();
    if (isAccepted) arrangement.setFilter(next);
  };
}
