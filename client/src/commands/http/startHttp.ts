import { ProgressLocation, Uri, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { executeOwn } from '../execute.ts';
import { reportError } from '../report.ts';
import { targetConfig } from '../target.ts';

/** Starts the HTTP frontend of a config on this machine; it ends with the window. */
export function startHttp(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const { configPath, jobName } = target;
    const port = workspace.getConfiguration('clusterServing').get('http.port', 10_020);
    try {
      const { url } = await window.withProgress(
        {
          location: ProgressLocation.Notification,
          title: l10n.t('Starting the HTTP frontend of "{0}"', jobName),
        },
        () => app.http.start({ path: configPath, jobName }, port),
      );
      const open = l10n.t('Open Docs');
      const picked = await window.showInformationMessage(
        l10n.t('The HTTP frontend of "{0}" listens on {1}', jobName, url),
        open,
      );
      if (picked === open) await executeOwn('openHttpDocs', Uri.file(configPath));
    } catch (error) {
      await reportError(app.log, error, configPath);
    }
  };
}
