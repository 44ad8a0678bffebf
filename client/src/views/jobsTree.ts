import {
  EventEmitter,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  commands,
  l10n,
  window,
  workspace,
  type TreeDataProvider,
} from 'vscode';
import { contextKeys, jobsView } from '../../../schemas/editor/commands.ts';
import type { App } from '../app.ts';
import type { JobReport } from '../../../schemas/jobEvents.ts';
import type { Disposing } from '../disposing.ts';
import { flowOf } from '../jobs/flow.ts';
import { frontendsOf, knownFrontends, type KnownFrontend } from '../jobs/http/knownFrontends.ts';
import { isUnhealthy, jobId } from '../jobs/jobStore.ts';
import { configOfJob, redisOf } from '../jobs/places.ts';
import type { WorkspaceConfig } from '../jobs/workspaceConfigs.ts';
import { agesOfSettings } from './ages.ts';
import { offerGroups } from './arrange/offerGroups.ts';
import { filterText, isFilter, passes } from './arrange/filter.ts';
import { groupsOf, manyJobs, type Group } from './arrange/groups.ts';
import type { ListedJob } from './arrange/listedJob.ts';
import { onDeathNow } from './deathNotice.ts';
import type { Row, Translate } from './figures.ts';
import { httpRow } from './httpRow.ts';
import { jobDetails, jobRow } from './jobRows.ts';
import { treeItem } from './treeItem.ts';

/** A row with what commands need to act on it. */
export interface JobNode {
  readonly row: Row;
  readonly jobName: string;
  /** Of the job, or where the config would updateWatch; host:port. */
  readonly redis: string;
  /** Absent when it is on another machine. */
  readonly configPath?: string;
  /** Of the row of an HTTP frontend. */
  readonly frontend?: KnownFrontend;
  readonly children?: readonly JobNode[];
}

/** A row around those of several jobs; no command acts on it. */
interface GroupNode {
  readonly group: Group<Listed>;
}

type TreeNode = JobNode | GroupNode;

interface Listed extends ListedJob {
  readonly node: () => JobNode;
}

const translate: Translate = (message, ...args) => l10n.t(message, ...args);

export function isJobNode(value: unknown): value is JobNode {
  return typeof value === 'object' && value !== null && 'row' in value;
}

/** The view "Jobs": the jobs that are known, then the configs that do not run. */
export function createJobsTree(app: App): Disposing {
  const { store, configs, http, pins, arrangement } = app;
  const changed = new EventEmitter<TreeNode | undefined>();
  /** The node that the editor has of each job: a change is reported with the same object. */
  const nodes = new Map<string, JobNode>();
  /** Which rows are in which groups, as they were drawn. */
  let drawn = '';

  const provider: TreeDataProvider<TreeNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => ('group' in node ? groupItem(node) : itemOf(fresh(node))),
    async getChildren(node) {
      // Then the view says why, and how to trust it.
      if (!workspace.isTrusted) return [];
      if (node) return 'group' in node ? nodesOf(node.group.jobs) : [...(fresh(node).children ?? [])];
      await configs.all();
      drawn = layout();
      offerGroups(arrangement, listed().length);
      return grouped()?.map((group) => ({ group })) ?? nodesOf(shown());
    },
  };

  /** All that the view can show, without drawing it: the jobs that are known, then the configs that do not run. */
  function listed(): readonly Listed[] {
    const jobs = store.jobs().map((job): Listed => {
      const id = jobId(job);
      const configPath = configOfJob(job, configs.known());
      return {
        id,
        jobName: job.jobName,
        state: store.trouble().has(job.redis) ? 'away' : (store.announced(id) ?? job.state),
        store: job.redis,
        ...(configPath === undefined ? {} : { configPath }),
        ...(job.failure === undefined ? {} : { failure: job.failure }),
        node: () => jobNode(id, job),
      };
    });
    const busy = new Set(jobs.map(({ configPath }) => configPath));
    const idle = configs.known().filter(({ path }) => !busy.has(path));
    return pins.sorted([...jobs, ...idle.map(listedConfig)], ({ store: redis, jobName }) =>
      jobId({ redis, jobName }),
    );
  }

  function listedConfig(config: WorkspaceConfig): Listed {
    const { redis, jobName } = placeOf(config);
    const id = jobId({ redis, jobName });
    const isStarting = store.announced(id) === 'starting';
    return {
      id: configRowId(config),
      jobName,
      state: isStarting ? 'starting' : 'stopped',
      store: redis,
      configPath: config.path,
      node() {
        const node = configNode(config, pins.has(id), isStarting);
        const frontends = httpNodes(node);
        return frontends.length === 0 ? node : { ...node, children: frontends };
      },
    };
  }

  function shown(): readonly Listed[] {
    const filter = arrangement.filter();
    return listed().filter((job) => passes(filter, job, (path) => workspace.asRelativePath(path)));
  }

  /** @returns undefined for one list of all */
  function grouped(): Group<Listed>[] | undefined {
    const grouping = arrangement.grouping();
    const roots = (workspace.workspaceFolders ?? []).map(({ name, uri }) => ({ name, path: uri.fsPath }));
    return grouping && [...groupsOf(shown(), grouping, roots, translate)];
  }

  /** What a change of one job's figures leaves as it is, unless the job comes into another group or out of the filter. */
  function layout(): string {
    const groups = grouped()?.map(({ row, jobs }) => [row, jobs.map(({ id }) => id)]);
    return JSON.stringify(groups ?? shown().map(({ id }) => id));
  }

  function nodesOf(jobs: readonly Listed[]): JobNode[] {
    return jobs.map(({ id, node }) => {
      const made = node();
      nodes.set(id, made);
      return made;
    });
  }

  function httpNodes(job: JobNode): readonly JobNode[] {
    const frontends = frontendsOf(job, knownFrontends(store.frontends(), http.all()));
    return frontends.map((frontend) => ({ ...job, frontend, row: httpRow(job.row.id, frontend, translate) }));
  }

  function fresh(node: JobNode): JobNode {
    const job = store.job(node.row.id);
    return job ? jobNode(node.row.id, job) : node;
  }

  function jobNode(id: string, job: JobReport): JobNode {
    const configPath = configOfJob(job, configs.known());
    const trouble = store.trouble().get(job.redis);
    const common = {
      jobName: job.jobName,
      redis: job.redis,
      ...(configPath === undefined ? {} : { configPath }),
    };
    const nodeOf = (row: Row): JobNode => ({
      ...common,
      row,
      ...(row.children ? { children: row.children.map(nodeOf) } : {}),
    });
    const flow = store.flow(id) ?? flowOf(job, []);
    const details = jobDetails(id, job, flow, translate, agesOfSettings());
    const facts = {
      isHere: configPath !== undefined,
      isPinned: pins.has(id),
      ...(trouble === undefined ? {} : { trouble }),
    };
    const shown = { ...job, state: store.announced(id) ?? job.state };
    const node = nodeOf(jobRow(id, shown, translate, facts));
    const files = configPath === undefined ? [] : [fileRow(id, configPath)];
    return { ...node, children: [...details.map(nodeOf), ...httpNodes(node), ...files.map(nodeOf)] };
  }

  const view = window.createTreeView(jobsView, {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
  });
  app.selections.add(jobsView, view);
  let isSeen = false;
  let knowsConfigs = false;
  const updateWatch = () => {
    const wasSeen = isSeen;
    // Whose Redis is watched is known with the configs.
    isSeen = knowsConfigs && view.visible && window.state.focused && workspace.isTrusted;
    if (isSeen && !wasSeen) configs.refresh();
    app.watcher.setWanted('tree', isSeen);
  };
  const redraw = () => {
    for (const id of nodes.keys()) if (!store.job(id)) nodes.delete(id);
    describeAll();
    drawn = layout();
    changed.fire(undefined);
  };
  const redrawJob = (id: string) => {
    if (layout() !== drawn) {
      redraw();
      return;
    }
    describeAll();
    const node = nodes.get(id);
    if (node) changed.fire(node);
  };

  function describeAll(): void {
    const jobs = store.jobs();
    const unhealthy = jobs.filter(isUnhealthy).length;
    view.badge =
      unhealthy === 0 || onDeathNow() === 'nothing'
        ? undefined
        : { value: unhealthy, tooltip: l10n.t('Jobs that need attention: {0}', unhealthy) };
    describeArrangement();
    void commands.executeCommand('setContext', contextKeys.hasJobs, jobs.length > 0);
    void commands.executeCommand(
      'setContext',
      contextKeys.hasHttp,
      knownFrontends(store.frontends(), http.all()).length > 0,
    );
    void commands.executeCommand(
      'setContext',
      contextKeys.hasFlink,
      [...jobs, ...configs.known()].some(({ backend }) => backend === 'flink'),
    );
  }

  function describeArrangement(): void {
    const filter = arrangement.filter();
    const [some, all] = [shown().length, listed().length];
    view.description = filterText(filter, { shown: some, all }, translate);
    const none = isFilter(filter) && some === 0 && all > 0;
    view.message = [
      ...store.trouble().values(),
      ...(none ? [l10n.t('No job matches the filter. Clear Filter shows all {0}.', all)] : []),
    ].join('\n');
    void commands.executeCommand('setContext', contextKeys.isFiltered, isFilter(filter));
    void commands.executeCommand('setContext', contextKeys.hasManyJobs, all >= manyJobs);
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
    configs.onChange(() => {
      app.watcher.restart();
      redraw();
    }),
    store.onChange((change) => {
      if (change.kind === 'list') redraw();
      else redrawJob(change.id);
    }),
    http.onChange(redraw),
    pins.onChange(redraw),
    arrangement.onChange(redraw),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('clusterServing.jobs')) redraw();
    }),
  ];
  void configs.all().then(() => {
    knowsConfigs = true;
    describeAll();
    updateWatch();
  });
  return { dispose: () => subscriptions.forEach((one) => one.dispose()) };
}

function groupItem({ group: { row } }: GroupNode): TreeItem {
  const item = treeItem(row, true);
  item.collapsibleState = TreeItemCollapsibleState.Expanded;
  return item;
}

function itemOf({ row, children, configPath }: JobNode): TreeItem {
  const item = treeItem(row, children !== undefined);
  if (configPath !== undefined && (row.context.startsWith('config ') || row.context === 'file'))
    item.command = { command: 'vscode.open', title: 'Open', arguments: [Uri.file(configPath)] };
  return item;
}

function placeOf(config: WorkspaceConfig): { readonly redis: string; readonly jobName: string } {
  return { redis: redisOf(config), jobName: config.jobName };
}

function configRowId({ path }: WorkspaceConfig): string {
  return `config:${path}`;
}

function configNode(config: WorkspaceConfig, isPinned: boolean, isStarting: boolean): JobNode {
  const { path, jobName, backend } = config;
  const row = {
    id: configRowId(config),
    label: jobName,
    description: isStarting
      ? l10n.t('starting')
      : l10n.t('not running · {0}', workspace.asRelativePath(path)),
    tooltip: path,
    icon: isStarting ? 'sync' : 'circle-outline',
    context: [isStarting ? 'starting' : 'config', 'here', backend, ...(isPinned ? ['pinned'] : [])].join(' '),
  };
  return { ...placeOf(config), configPath: path, row };
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
