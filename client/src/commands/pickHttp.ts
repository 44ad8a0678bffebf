import { Uri, l10n, window } from 'vscode';
import type { App } from '../app.ts';
import type { HttpFrontend } from '../jobs/httpFrontends.ts';
import { isJobNode } from '../views/jobsTree.ts';

/** The frontend of what was clicked, else the only one, else the one that the user picks. */
export async function pickHttp(app: App, argument: unknown): Promise<HttpFrontend | undefined> {
  const path = isJobNode(argument)
    ? argument.configPath
    : argument instanceof Uri
      ? argument.fsPath
      : undefined;
  if (path !== undefined) return app.http.of(path);
  const all = app.http.all();
  if (all.length <= 1) return all[0];
  const picked = await window.showQuickPick(
    all.map((frontend) => ({ label: frontend.jobName, description: frontend.url, frontend })),
    { title: l10n.t('Which HTTP frontend?') },
  );
  return picked?.frontend;
}
