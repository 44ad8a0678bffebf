import { l10n } from 'vscode';
import type { Rows } from '../../../../schemas/editor/commandRow.ts';
import {
  jobRows,
  queueRows,
  recordRows,
  rowsOf,
  type CommandName,
} from '../../../../schemas/editor/commands.ts';
import { jobId } from '../../jobs/jobStore.ts';
import type { QueueName } from '../../jobs/queues/queues.ts';
import { chosenRows, type Chosen } from '../../jobs/several/chosenRows.ts';
import type { Refusal } from '../../jobs/several/runEach.ts';
import type { Row } from '../../views/figures.ts';
import { isJobNode, type JobNode } from '../../views/jobsTree.ts';
import { isQueueNode, type QueueNode } from '../../views/queuesTree.ts';

/** Several things that are selected, and those among them on which the command cannot act. */
export interface Several<T> {
  readonly items: readonly T[];
  readonly refused: readonly Refusal[];
}

/** The row of what a tree gives to a command. */
export function rowOf(node: unknown): Row | undefined {
  if (isQueueNode(node)) return node.queueRow;
  return isJobNode(node) ? node.row : undefined;
}

/** The jobs that are selected together; undefined for one alone, and where no row was clicked. */
export function selectedJobs(
  name: CommandName,
  argument: unknown,
  selection: unknown,
): Several<JobNode> | undefined {
  if (!isJobNode(argument)) return undefined;
  const { fit, unfit } = chosen(name, argument, selection, jobRows);
  if (fit.length + unfit.length <= 1) return undefined;
  const refused = unfit.map(({ row, jobName }) => ({ name: jobName, why: whyNot(row.context) }));
  return { items: fit, refused };
}

/** Records of one queue. */
export interface ChosenRecords {
  readonly queue: QueueName;
  readonly ids: readonly string[];
}

/** The records that are selected, those of each queue together; undefined where no record was clicked. */
export function selectedRecords(
  name: CommandName,
  argument: unknown,
  selection: unknown,
): Several<ChosenRecords> | undefined {
  if (!isQueueNode(argument) || argument.recordId === undefined) return undefined;
  const { fit, unfit } = chosen(name, argument, selection, recordRows);
  const byQueue = new Map<string, { readonly queue: QueueName; readonly ids: string[] }>();
  for (const { queue, recordId } of fit) {
    const entry = byQueue.get(jobId(queue)) ?? { queue, ids: [] };
    byQueue.set(jobId(queue), entry);
    if (recordId !== undefined) entry.ids.push(recordId);
  }
  const refused = unfit.map(({ queueRow }) => ({
    name: queueRow.label,
    why: whyNotRecord(queueRow.context),
  }));
  return { items: [...byQueue.values()], refused };
}

/** The queues that are selected, by a row of their own or by one of their lists; undefined where none was clicked. */
export function selectedQueues(
  name: CommandName,
  argument: unknown,
  selection: unknown,
): readonly QueueName[] | undefined {
  if (!isQueueNode(argument)) return undefined;
  const { fit } = chosen(name, argument, selection, queueRows);
  return [...new Map(fit.map(({ queue }) => [jobId(queue), queue])).values()];
}

function chosen<T extends JobNode | QueueNode>(
  name: CommandName,
  argument: T,
  selection: unknown,
  counted: Rows,
): Chosen<T> {
  return chosenRows(argument, selection, rowOf, { rows: rowsOf(name) ?? counted, counted });
}

/** Why an action that other rows have is not there for this one. */
function whyNot(context: string): string {
  const [kind, ...words] = context.split(' ');
  switch (kind) {
    case 'config':
      return l10n.t('It is not running.');
    case 'starting':
      return l10n.t('It is starting.');
    case 'stopping':
      return l10n.t('It is stopping.');
    default:
      return words.includes('elsewhere')
        ? l10n.t('Its config is on another machine.')
        : l10n.t('It is running.');
  }
}

function whyNotRecord(context: string): string {
  switch (context) {
    case 'waitingRecord':
      return l10n.t('It waits in the queue.');
    case 'pendingRecord':
      return l10n.t('A worker has it.');
    default:
      return l10n.t('It is a dead letter.');
  }
}
