import {
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  commands,
  l10n,
  window,
  workspace,
  type TreeDataProvider,
} from 'vscode';
import { contextKeys, jobsView } from '../../../schemas/commands.ts';
import type { App } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { isUnhealthy, jobId } from '../jobs/jobStore.ts';
import { jobDetails, jobRow, type Row, type Translate } from './jobRows.ts';

/** A row with what commands need to act on it. */
export interface JobNode {
  readonly row: Row;
  readonly jobName?: string;
  readonly configPath?: string;
  readonly logFiles?: readonly string[];
  readonly children?: readonly JobNode[];
}

const translate: Translate = (message, ...args) => l10n.t(message, ...args);
const ages = { yellowMs: 30_000, redMs: 60_000 };

export function isJobNode(value: unknown): value is JobNode {
  return typeof value === 'object' && value !== null && 'row' in value;
}

/** The view "Jobs": the jobs that are known, then the configs that do not run. */
export function createJobsTree(app: App): Disposing {
  const { store, configs, http } = app;
  const changed = new EventEmitter<JobNode | undefined>();
  /** The node that the editor has of each job: a change is told by the same object. */
  const nodes = new Map<string, JobNode>();

  const provider: TreeDataProvider<JobNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => itemOf(fresh(node)),
    async getChildren(node) {
      // Then the view says why, and how to trust it.
      if (!workspace.isTrusted) return [];
      if (node) return [...(fresh(node).children ?? [])];
      await configs.all();
      return [...roots()];
    },
  };

  function roots(): readonly JobNode[] {
    const jobs = store.jobs().map((job) => {
      const id = jobId(job);
      const node = jobNode(id) ?? { row: jobRow(id, job, translate) };
      nodes.set(id, node);
      return node;
    });
    const busy = new Set(jobs.map(({ configPath }) => configPath));
    const idle = configs.known().filter(({ path }) => !busy.has(path));
    return [
      ...jobs,
      ...idle.map(({ path, jobName }) => ({ jobName, configPath: path, row: configRow(path, jobName) })),
    ];
  }

  function fresh(node: JobNode): JobNode {
    return nodes.has(node.row.id) ? (jobNode(node.row.id) ?? node) : node;
  }

  function jobNode(id: string): JobNode | undefined {
    const job = store.job(id);
    if (!job) return undefined;
    const registration = job.workers[0]?.registration;
    const configPath = registration?.configPath;
    const frontend = configPath === undefined ? undefined : http.of(configPath);
    const rows = jobDetails(id, job, translate, ages);
    const common = { jobName: job.jobName, ...(configPath === undefined ? {} : { configPath }) };
    const extra: JobNode[] = [
      ...(frontend ? [{ ...common, row: httpRow(id, frontend.url) }] : []),
      ...(configPath === undefined ? [] : [{ ...common, row: fileRow(id, configPath) }]),
    ];
    return {
      ...common,
      row: jobRow(id, job, translate, store.trouble().get(job.redis)),
      logFiles: job.workers.map((worker) => worker.registration.logFile),
      children: [...rows.map((row) => ({ ...common, row })), ...extra],
    };
  }

  const view = window.createTreeView(jobsView, { treeDataProvider: provider, showCollapseAll: true });
  let isSeen = false;
  const look = () => {
    const wasSeen = isSeen;
    isSeen = view.visible && window.state.focused && workspace.isTrusted;
    if (isSeen && !wasSeen) configs.refresh();
    app.watcher.setWanted('tree', isSeen);
  };
  const redraw = () => {
    for (const id of nodes.keys()) if (!store.job(id)) nodes.delete(id);
    describeAll();
    changed.fire(undefined);
  };

  function describeAll(): void {
    const jobs = store.jobs();
    const unhealthy = jobs.filter(isUnhealthy).length;
    view.badge =
      unhealthy === 0
        ? undefined
        : { value: unhealthy, tooltip: l10n.t('Servings that need attention: {0}', unhealthy) };
    const troubles = [...store.trouble()].filter(([redis]) => jobs.some((job) => job.redis === redis));
    view.message = troubles.length === 0 ? '' : troubles.map(([, error]) => error).join('\n');
    void commands.executeCommand('setContext', contextKeys.hasJobs, jobs.length > 0);
    void commands.executeCommand('setContext', contextKeys.hasHttp, http.all().length > 0);
  }

  const subscriptions: Disposing[] = [
    view,
    changed,
    view.onDidChangeVisibility(look),
    window.onDidChangeWindowState(look),
    workspace.onDidGrantWorkspaceTrust(() => {
      redraw();
      look();
    }),
    configs.onChange(() => {
      app.watcher.restart();
      redraw();
    }),
    store.onChange((change) => {
      if (change.kind === 'list') redraw();
      else {
        describeAll();
        const node = nodes.get(change.id);
        if (node) changed.fire(node);
      }
    }),
    http.onChange(redraw),
  ];
  void configs.all().then(look);
  return { dispose: () => subscriptions.forEach((one) => one.dispose()) };
}

function itemOf({ row, children, configPath }: JobNode): TreeItem {
  const item = new TreeItem(
    row.label,
    children ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  item.id = row.id;
  item.description = row.description;
  item.tooltip = new MarkdownString().appendText(row.tooltip);
  item.iconPath = new ThemeIcon(row.icon, row.color === undefined ? undefined : new ThemeColor(row.color));
  item.contextValue = row.context;
  item.accessibilityInformation = { label: `${row.label}, ${row.description}` };
  if (configPath !== undefined && (row.context === 'config' || row.context === 'file'))
    item.command = { command: 'vscode.open', title: 'Open', arguments: [Uri.file(configPath)] };
  return item;
}

function configRow(path: string, jobName: string): Row {
  return {
    id: `config:${path}`,
    label: jobName,
    description: l10n.t('not running · {0}', workspace.asRelativePath(path)),
    tooltip: path,
    icon: 'circle-outline',
    context: 'config',
  };
}

function fileRow(id: string, path: string): Row {
  return {
    id: `${id}/config`,
    label: l10n.t('Config'),
    description: workspace.asRelativePath(path),
    tooltip: path,
    icon: 'file',
    context: 'file',
  };
}

function httpRow(id: string, url: string): Row {
  return {
    id: `${id}/http`,
    label: l10n.t('HTTP frontend'),
    description: url,
    tooltip: url,
    icon: 'globe',
    context: 'http',
  };
}
