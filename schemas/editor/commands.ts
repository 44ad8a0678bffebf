import type { CommandRow, MenuPlace, Rows } from './commandRow.ts';
import { configLanguageId } from './languageMessages.ts';

/** Context keys that the extension sets. */
export const contextKeys = {
  hasJobs: 'clusterServing.hasJobs',
  hasConfigs: 'clusterServing.hasConfigs',
  hasHttp: 'clusterServing.hasHttp',
  hasQueues: 'clusterServing.hasQueues',
  hasFlink: 'clusterServing.hasFlink',
  /** Some jobs may not be shown. */
  isFiltered: 'clusterServing.isFiltered',
  hasManyJobs: 'clusterServing.hasManyJobs',
  /** The paths of the workspace's configs, for menus of files. */
  configPaths: 'clusterServing.configPaths',
  /** The paths of open files that have our language and are no configs: lists of models for the HTTP frontend. */
  listPaths: 'clusterServing.listPaths',
} as const;

export const jobsView = 'clusterServing.jobs';
export const queuesView = 'clusterServing.queues';

/** Not an editor in a browser that has no machine behind it; one that shows a machine's has its name as remote name. */
export const onMachine = '(!isWeb || remoteName)';

/** What may start processes needs a workspace that is trusted. */
const trusted = 'isWorkspaceTrusted';
const onConfigFile = `resourcePath in ${contextKeys.configPaths}`;
/** A file that is open, whatever its name is. */
const onOpenConfig = `resourceLangId == ${configLanguageId} && resourcePath not in ${contextKeys.listPaths}`;

/** @param also  a word that the row must have beside its kind */
function row(kinds: string, also?: RowWord): Rows {
  return {
    view: jobsView,
    patterns: [`^(${kinds})\\b`, ...(also === undefined ? [] : [`\\b${also}\\b`])],
  };
}

/** Rows of the queues view, by what they show. */
function queueRow(kinds: string): Rows {
  return { view: queuesView, patterns: [`^(${kinds})$`] };
}

/** The rows of the jobs view that are jobs, and not a part of one. */
export const jobRows = row('running|failed|stopping|starting|config');
/** The rows of the queues view that are queues, and those that are records. */
export const queueRows = queueRow('queue|queueAway');
export const recordRows = queueRow('waitingRecord|pendingRecord|deadRecord');

/** On such rows both as an icon and in the menu, which has every action of a row, and is what several rows at once have. */
function iconAndMenu(icon: string, menu: string, rows: Rows): readonly MenuPlace[] {
  return [
    { group: icon, rows },
    { group: menu, rows },
  ];
}
/** What a row of a job says of itself after its kind: `here` if its config is on this machine. */
type RowWord = 'here' | 'elsewhere' | 'embedded' | 'flink' | 'pinned';

/** Every command; the manifest, its titles and the type of the handlers come from this table. */
export const commands = {
  createConfig: {
    title: 'Create config.yaml',
    icon: 'new-file',
    enablement: trusted,
    menus: { 'view/title': { group: '2_more@1' } },
  },
  addExample: {
    title: 'Add the Digits Example',
    icon: 'mortar-board',
    enablement: trusted,
    menus: { 'view/title': { group: '2_more@4' } },
  },
  addServing: {
    title: 'Add Another Job…',
    icon: 'add',
    enablement: `${trusted} && ${contextKeys.hasConfigs}`,
    menus: { 'view/title': { group: '2_more@2' } },
  },
  startJob: {
    title: 'Start',
    icon: 'play',
    enablement: trusted,
    menus: {
      'view/item/context': iconAndMenu('inline@1', '1_run@1', row('config|failed', 'here')),
      'editor/title': { group: 'navigation@1', when: onOpenConfig },
      'explorer/context': { group: '7_clusterServing@1', when: onConfigFile },
    },
  },
  stopJob: {
    title: 'Stop',
    icon: 'debug-stop',
    enablement: trusted,
    menus: { 'view/item/context': iconAndMenu('inline@3', '1_run@3', row('running|failed')) },
  },
  restartJob: {
    title: 'Restart',
    icon: 'debug-restart',
    enablement: trusted,
    menus: { 'view/item/context': { group: '1_run@2', rows: row('running|failed', 'here') } },
  },
  reloadJob: {
    title: 'Reload',
    icon: 'refresh',
    enablement: trusted,
    menus: { 'view/item/context': { group: '1_run@4', rows: row('running') } },
  },
  rollBackJob: {
    title: 'Roll Back',
    icon: 'discard',
    enablement: trusted,
    menus: { 'view/item/context': { group: '1_run@5', rows: row('running') } },
  },
  stopAllJobs: {
    title: 'Stop All',
    icon: 'stop-circle',
    enablement: `${trusted} && ${contextKeys.hasJobs}`,
    menus: { 'view/title': { group: '3_stop@1' } },
  },
  shutDown: {
    title: 'Shut Down…',
    icon: 'power',
    enablement: trusted,
    menus: {
      'view/title': { group: '3_stop@2' },
      'view/item/context': { group: '9_stop@1', rows: row('running|failed') },
    },
  },
  tryJob: {
    title: 'Predict with File…',
    icon: 'beaker',
    enablement: trusted,
    menus: { 'view/item/context': { group: '1_run@5', rows: row('running', 'here') } },
  },
  openTry: {
    title: 'Try It',
    icon: 'beaker',
    enablement: trusted,
    menus: { 'view/item/context': iconAndMenu('inline@2', '1_run@4', row('running', 'here')) },
  },
  predictSelection: {
    title: 'Predict with Selection',
    icon: 'beaker',
    enablement: trusted,
    menus: {
      'editor/context': {
        group: '9_clusterServing@1',
        when: `editorHasSelection && ${contextKeys.hasConfigs}`,
      },
    },
  },
  refreshQueues: {
    title: 'Refresh Queues',
    icon: 'refresh',
    enablement: trusted,
    menus: { 'view/title': { group: 'navigation@1', when: `view == ${queuesView}` } },
  },
  sendTestRecord: {
    title: 'Send Test Record',
    icon: 'beaker',
    enablement: trusted,
    menus: { 'view/item/context': iconAndMenu('inline@1', '1_record@1', queueRow('queue')) },
  },
  peekRecord: {
    title: 'Show Record',
    icon: 'eye',
    enablement: trusted,
    menus: {
      'view/item/context': iconAndMenu(
        'inline@1',
        '1_record@1',
        queueRow('waiting|waitingRecord|pendingRecord|deadRecord'),
      ),
    },
  },
  openRecords: {
    title: 'Open Records',
    icon: 'table',
    enablement: trusted,
    menus: {
      'view/item/context': [
        ...iconAndMenu('inline@3', '1_record@3', queueRow('queue|waiting|pending|deadLetters')),
        { group: '2_look@0', rows: row('running|failed|stopping') },
      ],
    },
  },
  requeueRecord: {
    title: 'Put Back into the Queue',
    icon: 'debug-rerun',
    enablement: trusted,
    hidden: true,
    menus: { 'view/item/context': iconAndMenu('inline@2', '2_change@1', queueRow('deadRecord')) },
  },
  requeueAll: {
    title: 'Put All Back into the Queue…',
    icon: 'debug-rerun',
    enablement: trusted,
    menus: { 'view/item/context': iconAndMenu('inline@2', '2_change@1', queueRow('deadLetters')) },
  },
  killRecord: {
    title: 'Move to the Dead Letters…',
    icon: 'error',
    enablement: trusted,
    hidden: true,
    menus: {
      'view/item/context': iconAndMenu('inline@2', '2_change@1', queueRow('waitingRecord|pendingRecord')),
    },
  },
  copyRecord: {
    title: 'Copy Record as JSON',
    icon: 'copy',
    enablement: trusted,
    hidden: true,
    menus: {
      'view/item/context': {
        group: '1_record@2',
        rows: queueRow('waiting|waitingRecord|pendingRecord|deadRecord'),
      },
    },
  },
  clearWaiting: {
    title: 'Clear Waiting Records…',
    icon: 'clear-all',
    enablement: trusted,
    menus: { 'view/item/context': { group: '9_clear@1', rows: queueRow('queue|waiting') } },
  },
  clearDead: {
    title: 'Clear Dead Letters…',
    icon: 'clear-all',
    enablement: trusted,
    menus: { 'view/item/context': { group: '9_clear@2', rows: queueRow('queue|deadLetters') } },
  },
  moreRecords: { title: 'Show More Records', hidden: true },
  showLogs: {
    title: 'Show Logs',
    icon: 'output',
    enablement: trusted,
    menus: { 'view/item/context': { group: '2_look@1', rows: row('running|failed') } },
  },
  showStatus: {
    title: 'Show Status',
    icon: 'info',
    enablement: trusted,
    menus: { 'view/item/context': { group: '2_look@2', rows: row('running|failed') } },
  },
  openLogFile: {
    title: 'Open Log File',
    icon: 'go-to-file',
    enablement: trusted,
    menus: { 'view/item/context': { group: '2_look@3', rows: row('running|failed', 'here') } },
  },
  openFlinkUi: {
    title: 'Open Flink UI',
    icon: 'link-external',
    enablement: contextKeys.hasFlink,
    menus: { 'view/item/context': { group: '2_look@5', rows: row('running|failed|config', 'flink') } },
  },
  pinJob: {
    title: 'Pin to Top',
    icon: 'pin',
    hidden: true,
    menus: { 'view/item/context': { group: '5_pin@1', rows: row('running|failed|stopping|config') } },
  },
  unpinJob: {
    title: 'Unpin',
    icon: 'pinned',
    hidden: true,
    menus: {
      'view/item/context': { group: '5_pin@2', rows: row('running|failed|stopping|config', 'pinned') },
    },
  },
  openMonitor: {
    title: 'Open Monitor',
    icon: 'graph-line',
    enablement: trusted,
    menus: { 'view/title': { group: 'navigation@1' } },
  },
  filterJobs: {
    title: 'Filter Jobs…',
    icon: 'filter',
    enablement: trusted,
    menus: { 'view/title': { group: 'navigation@2' } },
  },
  clearFilter: {
    title: 'Clear Filter',
    icon: 'clear-all',
    enablement: contextKeys.isFiltered,
    menus: {
      'view/title': { group: 'navigation@3', when: `view == ${jobsView} && ${contextKeys.isFiltered}` },
    },
  },
  groupJobs: {
    title: 'Group Jobs…',
    icon: 'list-tree',
    enablement: trusted,
    menus: {
      'view/title': [
        { group: 'navigation@4', when: `view == ${jobsView} && ${contextKeys.hasManyJobs}` },
        { group: '1_arrange@1' },
      ],
    },
  },
  openConfig: {
    title: 'Open config.yaml',
    icon: 'go-to-file',
    hidden: true,
    menus: { 'view/item/context': { group: '2_look@4', rows: row('running|failed|config', 'here') } },
  },
  copyClientSnippet: {
    title: 'Copy Client Snippet…',
    icon: 'clippy',
    enablement: contextKeys.hasConfigs,
    menus: { 'view/item/context': { group: '4_client@1', rows: row('running|failed|config', 'here') } },
  },
  startHttp: {
    title: 'Start HTTP Frontend',
    icon: 'globe',
    enablement: trusted,
    menus: { 'view/item/context': { group: '3_http@1', rows: row('running', 'here') } },
  },
  stopHttp: {
    title: 'Stop HTTP Frontend',
    icon: 'circle-slash',
    enablement: contextKeys.hasHttp,
    menus: { 'view/item/context': iconAndMenu('inline@2', '3_http@3', row('http')) },
  },
  openHttpDocs: {
    title: 'Open HTTP Docs',
    icon: 'book',
    enablement: contextKeys.hasHttp,
    menus: { 'view/item/context': iconAndMenu('inline@1', '3_http@2', row('http', 'here')) },
  },
  convertConfig: {
    title: 'Convert Old Config',
    icon: 'wand',
    inBrowser: true,
    enablement: `${contextKeys.hasConfigs} || editorLangId == ${configLanguageId}`,
    menus: {
      'view/item/context': { group: '6_config@1', rows: row('config', 'here') },
      'explorer/context': { group: '7_clusterServing@2', when: onConfigFile },
    },
  },
  storePassword: {
    title: 'Store Password…',
    icon: 'key',
    enablement: `${trusted} && ${contextKeys.hasConfigs}`,
    menus: { 'view/item/context': { group: '6_config@2', rows: row('running|failed|config', 'here') } },
  },
  doctor: {
    title: 'Doctor: Check What a Start Needs',
    icon: 'pulse',
    enablement: trusted,
    menus: { 'view/title': { group: '2_more@3' } },
  },
  installRuntime: { title: 'Install a Runtime for Models…', icon: 'cloud-download', enablement: trusted },
  takeAsConfig: { title: 'Take This File for a Config', inBrowser: true, enablement: 'editorLangId == yaml' },
  leaveAlone: {
    title: 'Leave This File Alone',
    inBrowser: true,
    enablement: `editorLangId == ${configLanguageId}`,
  },
  restartLanguageServer: { title: 'Restart Language Server', inBrowser: true, icon: 'refresh' },
  reportIssue: { title: 'Report Issue…', inBrowser: true, icon: 'bug' },
} as const satisfies Record<string, CommandRow>;

export type CommandName = keyof typeof commands;

/** Those that need no machine. */
export type BrowserCommandName = {
  [Name in CommandName]: (typeof commands)[Name] extends { readonly inBrowser: true } ? Name : never;
}[CommandName];

export function commandId(name: CommandName): string {
  return `clusterServing.${name}`;
}

/** The command as it stands on rows of a view. It is another one than that of the palette: without an argument this one
 *  knows that the editor has not said which row was meant. */
export function rowCommandId(name: CommandName): string {
  return `clusterServing.row.${name}`;
}

/** The rows on which a command stands; none for one that stands on no row. */
export function rowsOf(name: CommandName): Rows | undefined {
  const row: CommandRow = commands[name];
  const places = [row.menus?.['view/item/context'] ?? []].flat();
  return places.find(({ rows }) => rows !== undefined)?.rows;
}

/** Whether a row of the view, by its context, is one of these. */
export function isAmong({ patterns }: Rows, context: string): boolean {
  return patterns.every((pattern) => new RegExp(pattern).test(context));
}
