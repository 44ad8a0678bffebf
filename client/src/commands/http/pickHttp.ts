import { Uri, l10n, window } from 'vscode';
import type { App } from '../../app.ts';
import {
  frontendsOf,
  isReachable,
  knownFrontends,
  type KnownFrontend,
} from '../../jobs/http/knownFrontends.ts';
import { redisOf } from '../../jobs/places.ts';
import { isJobNode } from '../../views/jobsTree.ts';
import { refreshJobs } from '../target.ts';

/** The frontend that was clicked, else that of the file, else the only one, else the one that the user picks. */
export async function pickHttp(
  app: App,
  argument: unknown,
  isWanted: (frontend: KnownFrontend) => boolean = () => true,
): Promise<KnownFrontend | undefined> {
  if (isJobNode(argument) && argument.frontend) return argument.frontend;
  await refreshJobs(app);
  const candidates = (await candidatesOf(app, argument)).filter(isWanted);
  if (candidates.length === 0)
    await window.showInformationMessage(l10n.t('No HTTP frontend is known that can be reached from here.'));
  if (candidates.length <= 1) return candidates[0];
  const picked = await window.showQuickPick(
    candidates.map((frontend) => ({
      label: frontend.url,
      description: frontend.report?.jobNames.join(', ') ?? '',
      detail: frontend.report && !isReachable(frontend) ? l10n.t('on {0}', frontend.report.host) : '',
      frontend,
    })),
    { title: l10n.t('Which HTTP frontend?') },
  );
  return picked?.frontend;
}

async function candidatesOf(app: App, argument: unknown): Promise<readonly KnownFrontend[]> {
  const all = knownFrontends(app.store.frontends(), app.http.all());
  if (isJobNode(argument)) return frontendsOf(argument, all);
  if (!(argument instanceof Uri)) return all;
  const path = argument.fsPath;
  const own = all.filter(({ startedWith }) => startedWith === path);
  if (own.length > 0) return own;
  const config = (await app.configs.all()).find((one) => one.path === path);
  return config
    ? frontendsOf({ redis: redisOf(config), jobName: config.jobName, configPath: path }, all)
    : [];
}
