import { EventEmitter, TreeItem, commands, l10n, window, workspace, type TreeDataProvider } from 'vscode';
import { commandId, contextKeys, queuesView } from '../../../schemas/editor/commands.ts';
import { messageOf } from '../../../schemas/errors.ts';
import type { DeadLetter, Page, QueueReport, WaitingRecord } from '../../../schemas/redis/queueReports.ts';
import type { App } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { jobId } from '../jobs/jobStore.ts';
import { hasMoved } from '../jobs/queues/hasMoved.ts';
import { createQueueList, type QueueList } from '../jobs/queues/queueLists.ts';
import type { HeldRecord, QueueName } from '../jobs/queues/queues.ts';
import { agesOfSettings } from './ages.ts';
import type { Row, Translate } from './figures.ts';
import {
  consumerRow,
  deadListRow,
  deadRow,
  failureRow,
  groupRow,
  moreRow,
  pendingListRow,
  pendingRow,
  queueRow,
  waitingListRow,
  waitingRow,
} from './queueRows.ts';
import { treeItem } from './treeItem.ts';

/** A row of the queues view, with what commands need to act on it. */
export interface QueueNode {
  readonly kind: 'queue' | 'group' | 'leaf' | 'waitingList' | 'pendingList' | 'deadList' | 'record' | 'more';
  readonly queue: QueueName;
  readonly queueRow: Row;
  /** Redis's id, of a record. */
  readonly recordId?: string;
  /** Of the row that asks for more: shows the next part of its list. */
  readonly showMore?: () => Promise<void>;
}

const translate: Translate = (message, ...args) => l10n.t(message, ...args);
const pageSize = 50;

export function isQueueNode(value: unknown): value is QueueNode {
  return typeof value === 'object' && value !== null && 'queueRow' in value;
}

interface Known {
  readonly node: QueueNode;
  /** The rows of the queue as they were drawn; a list's records are not among them. */
  drawn: string;
  figures: QueueReport;
  readonly waiting: QueueList<WaitingRecord>;
  readonly pending: QueueList<HeldRecord>;
  readonly dead: QueueList<DeadLetter>;
}

/** The view "Queues": each job's stream with its groups and consumers, what is pending, and the dead letters. It asks for
 *  nothing while it is not seen, and for records only where a list is open. */
export function createQueuesTree(app: App): Disposing {
  const { store, watcher } = app.queues;
  const changed = new EventEmitter<QueueNode | undefined>();
  const known = new Map<string, Known>();
  /** The lists that were opened, as the editor has them. */
  const lists = new Map<string, QueueNode>();

  const provider: TreeDataProvider<QueueNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => itemOf(node.kind === 'queue' ? fresh(node) : node),
    async getChildren(node) {
      if (!workspace.isTrusted) return [];
      if (!node) return store.queues().map((queue) => remember(queue).node);
      const entry = known.get(jobId(node.queue));
      if (!entry) return [];
      switch (node.kind) {
        case 'queue':
          return parts(entry.figures);
        case 'group':
          return consumers(entry.figures, node);
        case 'waitingList':
          return list(node, entry.waiting, waitingRow);
        case 'pendingList':
          return list(node, entry.pending, pendingRow);
        case 'deadList':
          return list(node, entry.dead, deadRow);
        default:
          return [];
      }
    },
  };

  function remember(queue: QueueReport): Known {
    const id = jobId(queue);
    const before = known.get(id);
    if (before) {
      before.figures = queue;
      before.drawn = draw(queue);
      return before;
    }
    const name = { redis: queue.redis, jobName: queue.jobName };
    const made: Known = {
      node: { kind: 'queue', queue: name, queueRow: rowOf(queue) },
      drawn: draw(queue),
      figures: queue,
      waiting: createQueueList(
        pageSize,
        (count, after) => app.queues.waiting(name, count, after),
        () => redrawList(`${id}/waiting`),
      ),
      pending: createQueueList(
        pageSize,
        (count, after) => app.queues.pending(name, count, after),
        () => redrawList(`${id}/pending`),
      ),
      dead: createQueueList(
        pageSize,
        (count, after) => app.queues.dead(name, count, after),
        () => redrawList(`${id}/dead`),
      ),
    };
    known.set(id, made);
    return made;
  }

  function redrawList(id: string): void {
    const node = lists.get(id);
    if (node) changed.fire(node);
  }

  function rowOf(queue: QueueReport): Row {
    return queueRow(jobId(queue), queue, translate, agesOfSettings(), store.trouble().get(queue.redis));
  }

  function fresh(node: QueueNode): QueueNode {
    const entry = known.get(jobId(node.queue));
    return entry ? { ...node, queueRow: rowOf(entry.figures) } : node;
  }

  /** What a queue is made of. */
  function parts(queue: QueueReport): QueueNode[] {
    const id = jobId(queue);
    const name = { redis: queue.redis, jobName: queue.jobName };
    const part = (kind: QueueNode['kind'], row: Row): QueueNode => ({ kind, queue: name, queueRow: row });
    return [
      part('waitingList', waitingListRow(id, queue, translate)),
      part('pendingList', pendingListRow(id, queue, translate)),
      part('deadList', deadListRow(id, queue, translate)),
      ...queue.groups.map((group) => part('group', groupRow(id, group, translate))),
    ];
  }

  function consumers(queue: QueueReport, { queue: name, queueRow: { id } }: QueueNode): QueueNode[] {
    const group = queue.groups.find((one) => groupRow(jobId(queue), one, translate).id === id);
    return (group?.consumers ?? []).map((one) => ({
      kind: 'leaf',
      queue: name,
      queueRow: consumerRow(id, one, translate),
    }));
  }

  async function list<T extends { readonly id: string }>(
    node: QueueNode,
    records: QueueList<T>,
    rowOfRecord: (listId: string, record: T, t: Translate) => Row,
  ): Promise<QueueNode[]> {
    const { queue, queueRow: row } = node;
    lists.set(row.id, node);
    let page: Page<T>;
    try {
      page = await records.records();
    } catch (error) {
      return [{ kind: 'leaf', queue, queueRow: failureRow(row.id, messageOf(error)) }];
    }
    const nodes: QueueNode[] = page.records.map((record) => ({
      kind: 'record',
      queue,
      queueRow: rowOfRecord(row.id, record, translate),
      recordId: record.id,
    }));
    if (page.next === undefined) return nodes;
    const showMore = async () => {
      await records.more();
      changed.fire(node);
    };
    return [...nodes, { kind: 'more', queue, queueRow: moreRow(row.id, translate), showMore }];
  }

  /** Everything of a queue that is drawn without asking for records. */
  function draw(queue: QueueReport): string {
    const inside = parts(queue).flatMap((node) => [
      node.queueRow,
      ...(node.kind === 'group' ? consumers(queue, node).map((one) => one.queueRow) : []),
    ]);
    return JSON.stringify([rowOf(queue), ...inside]);
  }

  const view = window.createTreeView(queuesView, {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
  });
  app.selections.add(queuesView, view);
  // Whose queues are followed is known with the configs.
  let knowsConfigs = false;
  const updateWatch = () =>
    watcher.setWanted('queues', knowsConfigs && view.visible && window.state.focused && workspace.isTrusted);
  const redraw = () => {
    for (const id of known.keys()) if (!store.queue(id)) known.delete(id);
    view.message = store.problems().join('\n');
    void commands.executeCommand('setContext', contextKeys.hasQueues, store.queues().length > 0);
    changed.fire(undefined);
  };

  function redrawQueue(id: string): void {
    const entry = known.get(id);
    const queue = store.queue(id);
    if (!entry || !queue) return;
    const before = entry.figures;
    if (before.dead !== queue.dead) entry.dead.outdate();
    if (hasMoved(before, queue)) {
      entry.waiting.outdate();
      entry.pending.outdate();
    }
    const { drawn } = entry;
    remember(queue);
    if (entry.drawn !== drawn) changed.fire(entry.node);
  }

  const subscriptions: Disposing[] = [
    view,
    changed,
    view.onDidChangeVisibility(updateWatch),
    window.onDidChangeWindowState(updateWatch),
    workspace.onDidGrantWorkspaceTrust(() => {
      redraw();
      updateWatch();
    }),
    app.configs.onChange(() => {
      // One may name another Redis now, and nothing would report that the queues of the first are gone from view.
      store.forget();
      watcher.restart();
    }),
    store.onChange((id) => {
      if (id === undefined) redraw();
      else redrawQueue(id);
    }),
  ];
  void app.configs.all().then(() => {
    knowsConfigs = true;
    updateWatch();
  });
  return { dispose: () => subscriptions.forEach((one) => one.dispose()) };
}

function itemOf(node: QueueNode): TreeItem {
  const { kind, queueRow: row } = node;
  const isOpenable = kind === 'queue' || kind === 'group' || kind.endsWith('List');
  const item = treeItem(row, isOpenable);
  if (kind === 'more')
    item.command = { command: commandId('moreRecords'), title: row.label, arguments: [node] };
  // A click or Enter opens it.
  if (kind === 'record')
    item.command = { command: commandId('peekRecord'), title: row.label, arguments: [node] };
  return item;
}
