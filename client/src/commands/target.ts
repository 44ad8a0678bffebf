import { Uri, l10n, window, workspace, type TextDocument } from 'vscode';
import type { FrontendReport, JobReport } from '../../../schemas/jobEvents.ts';
import type { App } from '../app.ts';
import { executeOwn } from './execute.ts';
import { goneJobs } from '../jobs/goneJobs.ts';
import { configOfRedis, onePerRedis, configOfJob } from '../jobs/places.ts';
import type { WorkspaceConfig } from '../jobs/workspaceConfigs.ts';
import { isJobNode } from '../views/jobsTree.ts';

/** What a command works on. A job of another machine has a config that is not here. */
export interface Target {
  readonly jobName: string;
  readonly configPath: string;
  /** Of a job that is known: its Redis, as host:port. */
  readonly redis?: string;
}

/** Finds the config to work on: what was clicked, else the one that is open, else the only one, else the user picks.
 *  @param among  leaves out those that come to the same
 *  @returns undefined if the user picked none, or there is none (which is said) */
export async function targetConfig(
  app: App,
  argument: unknown,
  isWanted: (config: WorkspaceConfig) => boolean = () => true,
  among: (configs: readonly WorkspaceConfig[]) => readonly WorkspaceConfig[] = (configs) => configs,
): Promise<Target | undefined> {
  const given = clicked(argument);
  if (given) return named(app, given);
  const all = await app.configs.all();
  const configs = all.filter(isWanted);
  const document = window.activeTextEditor?.document;
  const open = document?.uri.fsPath;
  // One that is recognised by its content may have any name.
  if (document && all.every(({ path }) => path !== open) && (await isConfig(app, document)))
    return named(app, { path: document.uri.fsPath });
  const candidates = configs.some(({ path }) => path === open)
    ? configs.filter(({ path }) => path === open)
    : among(configs);
  const [only] = candidates;
  if (candidates.length <= 1) {
    if (!only) await sayNone();
    return only && { jobName: only.jobName, configPath: only.path };
  }
  const picked = await window.showQuickPick(
    candidates.map(({ jobName, path }) => ({
      label: jobName,
      description: workspace.asRelativePath(path),
      jobName,
      configPath: path,
    })),
    { title: l10n.t('Which config?') },
  );
  return picked;
}

/** Finds the Redis to work on: configs that share one are not asked for. */
export function targetRedis(app: App, argument: unknown): Promise<Target | undefined> {
  return targetConfig(app, argument, undefined, (configs) => {
    const paths = onePerRedis(configs);
    return configs.filter(({ path }) => paths.includes(path));
  });
}

/** Finds the job to work on, running or failed. */
export async function targetJob(app: App, argument: unknown): Promise<Target | undefined> {
  if (isJobNode(argument)) {
    const { jobName, redis } = argument;
    const job = app.store.jobs().find((one) => one.jobName === jobName && one.redis === redis);
    if (job) return jobTarget(app, job);
  }
  const given = clicked(argument);
  if (given) return named(app, given);
  await refreshJobs(app);
  const jobs = app.store.jobs();
  const open = window.activeTextEditor?.document.uri.fsPath;
  const here = jobs.filter((job) => configOfJob(job, app.configs.known()) === open);
  const candidates = here.length > 0 ? here : jobs;
  const [only] = candidates;
  if (candidates.length <= 1) {
    if (!only) await window.showInformationMessage(l10n.t('No job is running.'));
    return only && jobTarget(app, only);
  }
  return window.showQuickPick(
    candidates.map((job) => ({
      label: job.jobName,
      description: `${job.state} · ${job.redis}`,
      ...jobTarget(app, job),
    })),
    { title: l10n.t('Which job?') },
  );
}

/** Asks once for the jobs: while their view is hidden, nothing watches them. */
export async function refreshJobs(app: App): Promise<void> {
  const paths = onePerRedis(await app.configs.all());
  const asked = paths.length > 0 ? paths.map((path) => ['-c', path]) : [[]];
  for (const lines of await Promise.all(asked.map((where) => app.cli.run(['list', '--json', ...where]))))
    for (const { jobs, frontends, redis: answered, errors } of lines) {
      const listed = Array.isArray(jobs) ? (jobs as JobReport[]) : [];
      for (const job of listed) app.store.apply({ event: 'job', at: Date.now(), job });
      const silent = Array.isArray(errors) ? (errors as readonly { readonly redis?: string }[]) : [];
      const complete = (Array.isArray(answered) ? (answered as readonly string[]) : []).filter((one) =>
        silent.every(({ redis }) => redis !== one),
      );
      for (const { jobName, redis } of goneJobs(app.store.jobs(), listed, complete))
        app.store.apply({ event: 'gone', at: Date.now(), jobName, redis });
      const found = Array.isArray(frontends) ? (frontends as FrontendReport[]) : [];
      for (const redis of new Set(found.map((one) => one.redis)))
        app.store.apply({
          event: 'frontends',
          at: Date.now(),
          redis,
          frontends: found.filter((one) => one.redis === redis),
        });
    }
}

/** What was last said of a text that is being typed may be old, so it is asked again. */
async function isConfig({ language }: App, document: TextDocument): Promise<boolean> {
  if (!language.mayBeConfig(document)) return false;
  // Unlike the other question, this one starts the server if it is off.
  await language.facts(document.uri, document.getText());
  return (await language.recognise(document))?.kind === 'config';
}

function jobTarget(app: App, job: JobReport): Target {
  const { jobName, redis } = job;
  return { jobName, redis, configPath: configOfRedis(job, app.configs.known()) ?? '' };
}

function clicked(argument: unknown): { readonly path: string; readonly jobName?: string } | undefined {
  if (isJobNode(argument) && argument.configPath !== undefined)
    return { path: argument.configPath, jobName: argument.jobName };
  if (argument instanceof Uri) return { path: argument.fsPath };
  if (typeof argument === 'string') return { path: Uri.parse(argument).fsPath };
  return undefined;
}

async function named(
  app: App,
  { path, jobName }: { readonly path: string; readonly jobName?: string },
): Promise<Target> {
  if (jobName !== undefined) return { configPath: path, jobName };
  const config = (await app.configs.all()).find((one) => one.path === path);
  if (config) return { configPath: path, jobName: config.jobName };
  const document = await workspace.openTextDocument(Uri.file(path));
  const facts = await app.language.facts(document.uri, document.getText());
  return { configPath: path, jobName: facts?.jobName ?? '' };
}

async function sayNone(): Promise<void> {
  const create = l10n.t('Create config.yaml');
  const picked = await window.showInformationMessage(
    l10n.t('The workspace has no config.yaml that names a model.'),
    create,
  );
  if (picked === create) await executeOwn('createConfig');
}
