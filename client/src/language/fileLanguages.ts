import { EventEmitter, commands, languages, window, workspace, type Event, type TextDocument } from 'vscode';
import { contextKeys } from '../../../schemas/editor/commands.ts';
import { configLanguageId, type Recognised } from '../../../schemas/editor/languageMessages.ts';
import type { Disposing } from '../disposing.ts';
import type { ConfigLanguage } from './configLanguage.ts';

/** Which open files are recognised, and the language that they get. */
export interface FileLanguages extends Disposing {
  /** What the server has said last of a text. */
  of(document: TextDocument): Recognised | undefined;
  readonly onChange: Event<void>;
}

/** In ms: a text that is being typed is not asked about at each key. */
const quiet = 300;

/** Gives files that the server recognises the language of configs, and YAML's back to those that say they are none. A user who
 *  chooses a language by hand keeps it. */
export function createFileLanguages(server: ConfigLanguage, log: (message: string) => void): FileLanguages {
  const changed = new EventEmitter<void>();
  const found = new WeakMap<TextDocument, Recognised>();
  const chosen = new WeakSet<TextDocument>();
  const timers = new Map<TextDocument, NodeJS.Timeout>();
  /** The document whose language we are changing: it is closed and opened again by that. */
  let changing: TextDocument | undefined;
  let justClosed: TextDocument | undefined;

  function soon(document: TextDocument, waitMs = quiet): void {
    if (!server.mayBeConfig(document)) return;
    clearTimeout(timers.get(document));
    const ask = () => {
      timers.delete(document);
      consider(document).catch((error: unknown) => log(`A file was not recognised: ${String(error)}`));
    };
    timers.set(document, setTimeout(ask, waitMs));
  }

  async function consider(document: TextDocument): Promise<void> {
    const { version } = document;
    const answer = await server.recognise(document);
    // What has changed meanwhile is asked about again.
    if (!answer || document.isClosed || document.version !== version) return;
    found.set(document, answer);
    tellMenus();
    const wanted = answer.kind === 'foreign' ? 'yaml' : configLanguageId;
    const isOther =
      document.languageId !== wanted && ['yaml', configLanguageId].includes(document.languageId);
    if (isOther && !chosen.has(document)) {
      changing = document;
      try {
        await languages.setTextDocumentLanguage(document, wanted);
      } finally {
        changing = undefined;
      }
    }
    changed.fire();
  }

  function tellMenus(): void {
    const lists = workspace.textDocuments.filter((document) => found.get(document)?.kind === 'servables');
    const paths = lists.map(({ uri }) => uri.fsPath);
    void commands.executeCommand('setContext', contextKeys.listPaths, paths);
  }

  function all(): void {
    for (const document of workspace.textDocuments) soon(document);
  }

  const disposables: readonly Disposing[] = [
    changed,
    server.onChange((state) => {
      if (state === 'ready') all();
    }),
    workspace.onDidCloseTextDocument((document) => {
      // Another language closes a document and opens it again in the same moment.
      justClosed = document;
      setTimeout(() => (justClosed = undefined), 0);
    }),
    workspace.onDidOpenTextDocument((document) => {
      if (document === justClosed && document !== changing) chosen.add(document);
      soon(document, 0);
    }),
    workspace.onDidChangeTextDocument(({ document }) => soon(document)),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('clusterServing.files')) all();
    }),
    window.onDidChangeActiveTextEditor(() => changed.fire()),
  ];
  return {
    of: (document) => found.get(document),
    onChange: changed.event,
    dispose: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const one of disposables) one.dispose();
    },
  };
}
