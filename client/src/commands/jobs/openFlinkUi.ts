import { Uri, env, l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { isJobNode } from '../../views/jobsTree.ts';
import { targetConfig } from '../target.ts';

/** Opens the page of Flink that shows a job, or that of the cluster if the job does not run; through the editor,
 *  for the cluster may be seen from another machine only. */
export function openFlinkUi(app: App): Handler {
  return async (argument) => {
    const url = pageOf(app, argument) ?? (await clusterOf(app, argument));
    if (url !== undefined) await env.openExternal(await env.asExternalUri(Uri.parse(url)));
  };
}

function pageOf(app: App, argument: unknown): string | undefined {
  if (!isJobNode(argument)) return undefined;
  const { jobName, redis } = argument;
  const job = app.store.jobs().find((one) => one.jobName === jobName && one.redis === redis);
  return job?.flinkJobs?.[0]?.url;
}

async function clusterOf(app: App, argument: unknown): Promise<string | undefined> {
  const target = await targetConfig(app, argument, ({ backend }) => backend === 'flink');
  if (!target) return undefined;
  const job = app.store
    .jobs()
    .find(({ flinkJobs = [] }) => flinkJobs.some(({ configPath }) => configPath === target.configPath));
  const config = app.configs.known().find(({ path }) => path === target.configPath);
  if (job?.flinkJobs?.[0]) return job.flinkJobs[0].url;
  if (config?.backend === 'flink') return `http://${config.flinkRestUrl}`;
  await window.showInformationMessage(l10n.t('"{0}" does not run on Flink.', target.jobName));
  return undefined;
}
