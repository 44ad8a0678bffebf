import { l10n, window } from 'vscode';
import type { Rows } from '../../../schemas/editor/commandRow.ts';
import { commands, isAmong, type CommandName } from '../../../schemas/editor/commands.ts';
import type { App, Handler } from '../app.ts';
import { rowOf } from './several/selected.ts';

/** A command as it stands on rows. While a tree is being drawn again the editor runs it without saying on which row (VS Code
 *  issue 144250). What is selected may be another one, so it is only offered, by its name; nothing is guessed. */
export function onRow(app: App, name: CommandName, rows: Rows, handler: Handler): Handler {
  return async (argument, selection) => {
    if (argument !== undefined) return handler(argument, selection);
    const selected = app.selections.of(rows.view).filter((node) => isAmong(rows, rowOf(node)?.context ?? ''));
    const [only] = selected;
    const label = only === undefined || selected.length > 1 ? undefined : rowOf(only)?.label;
    const offer = label === undefined ? [] : [l10n.t('{0}: {1}', commands[name].title, label)];
    const picked = await window.showWarningMessage(
      l10n.t('The list was being drawn again, so it is not known which row was meant. Please try again.'),
      ...offer,
    );
    if (picked !== undefined) await handler(only, selected);
  };
}
