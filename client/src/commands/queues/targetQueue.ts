import { l10n, window } from 'vscode';
import type { QueueReport } from '../../../../schemas/redis/queueReports.ts';
import type { CommandName } from '../../../../schemas/editor/commands.ts';
import type { App } from '../../app.ts';
import type { QueueName } from '../../jobs/queues/queues.ts';
import { isQueueNode } from '../../views/queuesTree.ts';
import { selectedQueues } from '../several/selected.ts';

/** The queue of what was clicked, else the only one, else the one that the user picks. */
export async function targetQueue(app: App, argument: unknown): Promise<QueueName | undefined> {
  if (isQueueNode(argument)) return argument.queue;
  const configs = await app.configs.all();
  const [config] = configs;
  const lines = await app.cli.run([
    'queue',
    'list',
    '--json',
    ...(config ? ['-c', config.path] : []),
    '--',
    ...configs.map(({ jobName }) => jobName),
  ]);
  const queues = lines.flatMap(({ queues: found }) => (found ?? []) as readonly QueueReport[]);
  const [only] = queues;
  if (queues.length <= 1) {
    if (!only) await window.showInformationMessage(l10n.t('No queue is known.'));
    return only;
  }
  const picked = await window.showQuickPick(
    queues.map((queue) => ({ label: queue.jobName, description: queue.redis, queue })),
    { title: l10n.t('Which queue?') },
  );
  return picked?.queue;
}

/** The queues that are selected, else the one of `targetQueue`; none if the user picked none. */
export async function targetQueues(
  app: App,
  name: CommandName,
  argument: unknown,
  selection: unknown,
): Promise<readonly QueueName[]> {
  const selected = selectedQueues(name, argument, selection);
  if (selected) return selected;
  const queue = await targetQueue(app, argument);
  return queue ? [queue] : [];
}

/** How a question calls queues: one by its name. */
export function queuesText(queues: readonly QueueName[]): string {
  return queues.map(({ jobName }) => `"${jobName}"`).join(', ');
}
