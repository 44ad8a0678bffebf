import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { Cli } from './jobs/cli.ts';
import type { HttpFrontends } from './jobs/http/httpFrontends.ts';
import type { JobStore } from './jobs/jobStore.ts';
import type { Queues } from './jobs/queues/queues.ts';
import type { Secrets } from './jobs/secrets.ts';
import type { Watcher } from './jobs/watcher.ts';
import type { WorkspaceConfigs } from './jobs/workspaceConfigs.ts';
import type { ConfigLanguage } from './language/configLanguage.ts';
import type { FileLanguages } from './language/fileLanguages.ts';
import type { RecordPanel } from './pages/recordPanel.ts';
import type { Arrangement } from './views/arrange/arrangement.ts';
import type { Pins } from './views/pins.ts';
import type { Reports } from './views/reports.ts';
import type { Selections } from './views/selections.ts';

/** What needs no machine. */
export interface LanguageApp {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly language: ConfigLanguage;
  readonly files: FileLanguages;
}

/** What commands and views work with; made once, in extension.ts. */
export interface App extends LanguageApp {
  readonly cli: Cli;
  readonly store: JobStore;
  readonly configs: WorkspaceConfigs;
  readonly watcher: Watcher;
  readonly queues: Queues;
  readonly http: HttpFrontends;
  readonly reports: Reports;
  readonly secrets: Secrets;
  readonly pins: Pins;
  readonly arrangement: Arrangement;
  readonly selections: Selections;
  readonly recordPanel: RecordPanel;
}

/** A command's work. Its one argument is a row of the tree, the URI of a config (from the menu of a file), its text
 *  (from a code lens), or nothing (from the palette). In a tree where several rows are selected, all of these come second. */
export type Handler = (argument: unknown, selection?: unknown) => Promise<void>;
