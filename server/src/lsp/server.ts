import {
  CodeLensRefreshRequest,
  TextDocuments,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  configFactsRequest,
  convertRequest,
  jobsNotification,
  recogniseRequest,
  setValuesRequest,
  type ConfigFacts,
  type ConfigQuestion,
  type ConvertQuestion,
  type JobsMessage,
  type OpenText,
  type Recognised,
  type ValuesQuestion,
} from '../../../schemas/editor/languageMessages.ts';
import { setValues } from '../config/setValues.ts';
import { configFacts } from '../language/configFacts.ts';
import { fixAll } from '../language/features/fixes.ts';
import { jobStatesOf, type JobStates } from '../language/jobStates.ts';
import { reloadRefusalsOf, type ReloadRefusals } from '../language/world/reloadRefusals.ts';
import { modelFolderOf } from '../language/world/modelFolder.ts';
import { trustStoresOf } from '../language/world/trustStore.ts';
import type { ConfigText } from '../language/configText.ts';
import type { Files } from '../language/files.ts';
import { afterMs, beginProgress, registerInterests } from './asking.ts';
import { cachedFiles } from './cachedFiles.ts';
import { clientOf, foldersOf, serverCapabilities } from './capabilities.ts';
import { pullDiagnostics, pushDiagnostics, type Diagnostics } from './diagnostics.ts';
import { registerEditing } from './editing.ts';
import type { Host } from './host/host.ts';
import { createJobNames } from './jobNames.ts';
import { createKnownFiles } from './knownFiles.ts';
import { answerRefusals } from './lifecycle.ts';
import { registerNaming } from './naming.ts';
import { registerReading } from './reading.ts';
import { defaultSettings, readSettings, type Settings } from './settings.ts';

const yamlFiles = /\.ya?ml$/;
/** How long the settings are waited for before files are read. In ms. */
const settingsWaitMs = 1_000;

/** Wires the language server to a connection and listens. @param docs  the page that explains keys and problems, if there is one */
export function startServer(connection: Connection, host: Host, docs?: string): void {
  let settings: Settings = defaultSettings;
  let settled: Promise<void> = Promise.resolve();
  const folders = new Set<string>();
  const files = cachedFiles(host.files);
  const documents = new TextDocuments(TextDocument);
  const known = createKnownFiles(() => settings, host.identityOf);
  /** The identities of the documents that are open, by their URIs. */
  const opened = new Map<string, string>();
  let diagnostics: Diagnostics | undefined;
  let jobs: JobStates | undefined;
  let refusals: ReloadRefusals = new Map();
  const log = (message: string) => connection.console.error(message);

  const places = host.watchPlaces((changed) => {
    for (const path of changed) files.forget(path);
    diagnostics?.allChanged();
  });
  /** The places that each config names, so that closed ones need not be read again to watch them. */
  const named = new Map<string, readonly string[]>();
  let watchTimer: NodeJS.Timeout | undefined;

  /** The places that configs name, open ones first. Not at every keystroke: a path that is being typed is no place yet. */
  function watchSoon(): void {
    watchTimer ??= setTimeout(() => {
      watchTimer = undefined;
      const all = [...known.all()].sort((a, b) => Number(b.isOpen) - Number(a.isOpen));
      const paths = new Set(all.flatMap(({ uri }) => named.get(uri) ?? []));
      if (!places.set(paths)) return;
      // Something may have happened between the look and the watch.
      for (const path of paths) files.forget(path);
      diagnostics?.allChanged();
    }, 300);
  }

  function see(document: TextDocument, isOpen: boolean): void {
    const affected = known.see(document, isOpen);
    const config = known.config(document.uri);
    if (config) named.set(document.uri, placesOf(config, files));
    else named.delete(document.uri);
    diagnostics?.changed(document.uri, affected);
    watchSoon();
  }

  function forget(uri: string): void {
    const affected = known.forget(uri);
    named.delete(uri);
    diagnostics?.changed(uri, affected);
  }

  /** Whether a file is open, whatever the editor calls it. */
  function isOpen(uri: string): boolean {
    return opened.has(uri) || (opened.size > 0 && [...opened.values()].includes(known.identityOf(uri)));
  }

  /** Looks at a file on the disk, unless it is open: then the editor knows better. */
  async function seeFile(path: string, uri = files.uriOf(path)): Promise<void> {
    if (isOpen(uri)) return;
    const text = await host.readText(path);
    if (isOpen(uri)) return;
    if (text === undefined) forget(uri);
    else see(TextDocument.create(uri, 'yaml', 0, text), false);
  }

  /** Reads the configs of the workspace; the editor shows that it happens. */
  async function scan(): Promise<void> {
    const progress = beginProgress(connection, 'Cluster Serving: reading the configs of the workspace');
    try {
      for (const folder of folders) {
        const { files: paths, unread, isCut } = await host.findFiles(folder, yamlFiles);
        for (const { path, code } of unread) log(`The folder ${path} cannot be read (${code}).`);
        if (isCut)
          log(
            `${folder} has more than ${paths.length} files of YAML or too many folders; configs beyond are known once they are open.`,
          );
        for (const path of paths) await seeFile(path);
      }
    } finally {
      progress.done();
    }
  }

  function isInWorkspace(path: string): boolean {
    return [...folders].some((folder) => host.isInFolder(path, folder));
  }

  function applySettings(sent: unknown): void {
    settings = readSettings(sent, log);
    for (const { document, isOpen } of [...known.all()]) known.see(document, isOpen);
    for (const document of documents.all()) see(document, true);
    diagnostics?.allChanged();
  }

  /** Asks for the settings. Some editors never answer: then those count that are known, until they do. */
  function askSettings(): Promise<void> {
    const answer = connection.workspace
      .getConfiguration('clusterServing')
      .then(applySettings)
      .catch((error: unknown) => log(`The editor does not send its settings: ${String(error)}`));
    settled = Promise.race([answer, afterMs(settingsWaitMs)]);
    return settled;
  }

  documents.onDidChangeContent(({ document }) => see(document, true));
  documents.onDidOpen(({ document: { uri } }) => opened.set(uri, host.identityOf(uri)));
  documents.onDidClose(({ document: { uri } }) => {
    opened.delete(uri);
    forget(uri);
    const path = host.pathOf(uri);
    if (path !== undefined && isInWorkspace(path)) void seeFile(path, uri);
  });

  connection.onInitialize((params): InitializeResult => {
    for (const folder of foldersOf(params, host.pathOf)) folders.add(folder);
    const { capabilities } = params;
    const options = {
      connection,
      known,
      files,
      live: host.live(() => settings.live),
      jobs: () => jobs,
      refusals: () => refusals,
      settings: () => settings,
      ...(docs === undefined ? {} : { docs }),
      log,
      client: clientOf(params),
    };
    // Some editors write null where they lack something.
    const pulls = Boolean(capabilities.textDocument?.diagnostic);
    diagnostics = pulls
      ? pullDiagnostics(options, capabilities.workspace?.diagnostics?.refreshSupport ?? false)
      : pushDiagnostics(options);
    registerEditing(connection, options);
    registerReading(connection, options);
    connection.onNotification(jobsNotification, (message: JobsMessage) => {
      const states = jobStatesOf(message);
      // Reports come every few seconds, and their figures change more often than the states.
      const isNews = !jobs || JSON.stringify([...states]) !== JSON.stringify([...jobs]);
      jobs = states;
      const refused = reloadRefusalsOf(message);
      const isOther = JSON.stringify([...refused]) !== JSON.stringify([...refusals]);
      refusals = refused;
      if (isOther) diagnostics?.allChanged();
      if (isNews && options.client.refreshesLenses)
        connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
    });
    const names = createJobNames({
      known,
      open: (uri) => documents.get(uri),
      allOpen: () => documents.all(),
      folders: () => [...folders],
      host,
    });
    registerNaming(connection, names, log);
    connection.onInitialized(() => void initialized(params));
    return {
      serverInfo: { name: 'cluster-serving' },
      capabilities: serverCapabilities(options.client, pulls),
    };
  });

  async function initialized({ capabilities, initializationOptions }: InitializeParams): Promise<void> {
    const asks = capabilities.workspace?.configuration === true;
    const initial: unknown = (initializationOptions as { settings?: unknown } | undefined)?.settings;
    if (asks) await askSettings();
    else applySettings(initial ?? {});
    registerInterests(connection, capabilities, log);
    if (capabilities.workspace?.workspaceFolders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        for (const folder of foldersOf({ workspaceFolders: added }, host.pathOf)) folders.add(folder);
        for (const { uri } of removed) folders.delete(host.pathOf(uri) ?? '');
        for (const { uri, isOpen } of [...known.all()])
          if (!isOpen && !isInWorkspace(host.pathOf(uri) ?? '')) forget(uri);
        void scan();
      });
    connection.onDidChangeConfiguration(({ settings: sent }) => {
      const own = (sent as { clusterServing?: unknown } | null)?.clusterServing;
      if (asks) void askSettings();
      else applySettings(own ?? {});
    });
    await scan();
  }

  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) {
      const path = host.pathOf(uri);
      if (path !== undefined) void seeFile(path, uri);
    }
  });

  connection.onRequest(recogniseRequest, async (text: OpenText): Promise<Recognised> => {
    // By the settings as they are now, which may be on their way.
    await settled;
    const { kind, because, ownKeys } = known.recognise(text);
    return { kind, because, ownKeys };
  });

  connection.onRequest(
    configFactsRequest,
    ({ text }: ConfigQuestion): ConfigFacts | null => configFacts(text, host.env) ?? null,
  );

  connection.onRequest(
    setValuesRequest,
    ({ text, values }: ValuesQuestion): string | null => setValues(text, values) ?? null,
  );

  connection.onRequest(convertRequest, ({ text }: ConvertQuestion): string => fixAll(text));

  connection.onShutdown(() => {
    clearTimeout(watchTimer);
    places.close();
  });

  answerRefusals(connection);
  documents.listen(connection);
  connection.listen();
}

/** Where a config leads to. */
function placesOf(config: ConfigText, files: Files): string[] {
  const folder = modelFolderOf(config, files);
  const stores = trustStoresOf(config, files).map(({ path }) => path);
  return [...(folder === undefined ? [] : [folder]), ...stores];
}
