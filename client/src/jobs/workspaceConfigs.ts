import { EventEmitter, RelativePattern, Uri, commands, workspace, type Event } from 'vscode';
import { contextKeys } from '../../../schemas/editor/commands.ts';
import type { ConfigFacts } from '../../../schemas/editor/languageMessages.ts';
import type { Disposing } from '../disposing.ts';

export interface WorkspaceConfig extends ConfigFacts {
  readonly path: string;
  readonly uri: Uri;
}

/** The configs in the folders of the workspace: files named config.yaml that name a model. */
export interface WorkspaceConfigs extends Disposing {
  readonly onChange: Event<void>;
  /** Looks for them when it is first asked, and from then on only when a file changes. */
  all(): Promise<readonly WorkspaceConfig[]>;
  /** What is known without searching. */
  known(): readonly WorkspaceConfig[];
  /** Searches again: of a folder that came as a whole the editor reports the folder only, not the files in it. */
  refresh(): void;
}

const pattern = '**/config.{yaml,yml}';
const ignored = '**/{node_modules,.git,.venv,.cache}/**';
const maxFiles = 500;

/** What a config says; undefined for a file that names no model. */
export type AskFacts = (uri: Uri, text: string) => Promise<ConfigFacts | undefined>;

/** @param ask  the language server, so that a config is read here as it is started */
export function createWorkspaceConfigs(ask: AskFacts): WorkspaceConfigs {
  const changed = new EventEmitter<void>();
  const disposables: Disposing[] = [changed];
  let known: readonly WorkspaceConfig[] = [];
  let searching: Promise<readonly WorkspaceConfig[]> | undefined;

  function watch(): void {
    const watcher = workspace.createFileSystemWatcher(pattern);
    disposables.push(
      watcher,
      watcher.onDidChange(again),
      watcher.onDidCreate(again),
      watcher.onDidDelete(again),
      workspace.onDidChangeWorkspaceFolders(again),
    );
  }

  function again(): void {
    const before = JSON.stringify(known);
    searching = search();
    void searching.then((after) => {
      if (JSON.stringify(after) !== before) changed.fire();
    });
  }

  async function search(): Promise<readonly WorkspaceConfig[]> {
    const folders = workspace.workspaceFolders ?? [];
    const found = await Promise.all(
      folders.map((folder) => workspace.findFiles(new RelativePattern(folder, pattern), ignored, maxFiles)),
    );
    const configs = await Promise.all(found.flat().map((uri) => read(uri, ask)));
    known = configs.filter((config) => config !== undefined).sort((a, b) => (a.path < b.path ? -1 : 1));
    const paths = known.map(({ path }) => path);
    void commands.executeCommand('setContext', contextKeys.configPaths, paths);
    void commands.executeCommand('setContext', contextKeys.hasConfigs, paths.length > 0);
    return known;
  }

  return {
    onChange: changed.event,
    known: () => known,
    refresh() {
      if (searching) again();
    },
    all() {
      if (!searching) {
        watch();
        searching = search();
      }
      return searching;
    },
    dispose: () => {
      for (const one of disposables) one.dispose();
    },
  };
}

async function read(uri: Uri, ask: AskFacts): Promise<WorkspaceConfig | undefined> {
  try {
    const facts = await ask(uri, Buffer.from(await workspace.fs.readFile(uri)).toString('utf8'));
    return facts && { ...facts, uri, path: uri.fsPath };
  } catch {
    // It has gone since it was found.
    return undefined;
  }
}
