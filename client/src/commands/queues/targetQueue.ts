import { l10n, window } from 'vscode';
import type { QueueReport } from '../../../../schemas/redis/queueReports.ts';
import type { App } from '../../app.ts';
import type { QueueName } from '../../jobs/queues/queues.ts';
import { isQueueNode, type QueueNode } from '../../views/queuesTree.ts';

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

/** Records of one queue. */
export interface ChosenRecords {
  readonly queue: QueueName;
  readonly ids: readonly string[];
}

/** The records that are selected, all of one queue and one list: those of the row that was clicked. */
export function selectedRecords(argument: unknown, selection: unknown): ChosenRecords | undefined {
  if (!isQueueNode(argument) || argument.recordId === undefined) return undefined;
  const all: readonly unknown[] = Array.isArray(selection) ? selection : [];
  const alike = all.filter((one): one is QueueNode => isQueueNode(one) && isAlike(one, argument));
  const nodes = alike.length > 0 ? alike : [argument];
  return { queue: argument.queue, ids: nodes.flatMap(({ recordId }) => recordId ?? []) };
}

function isAlike(one: QueueNode, other: QueueNode): boolean {
  return (
    one.queue.redis === other.queue.redis &&
    one.queue.jobName === other.queue.jobName &&
    one.queueRow.context === other.queueRow.context
  );
}
