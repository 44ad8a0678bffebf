import {
  DocumentDiagnosticReportKind,
  type CancellationToken,
  type Connection,
  type Diagnostic,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { diagnose } from '../language/diagnose.ts';
import { diagnoseServables } from '../language/servables/diagnoseServables.ts';
import type { Files } from '../language/files.ts';
import type { ReloadRefusals } from '../language/world/reloadRefusals.ts';
import { toDiagnostic } from './convert.ts';
import { guarded, type Log } from './guard.ts';
import type { KnownFiles } from './knownFiles.ts';
import type { Settings } from './settings.ts';

export interface DiagnosticsOptions {
  readonly connection: Connection;
  readonly known: KnownFiles;
  readonly files: Files;
  readonly settings: () => Settings;
  /** What the editor knows of running workers. */
  readonly refusals: () => ReloadRefusals;
  readonly docs?: string;
  readonly log: Log;
}

/** How problems get to the editor. */
export interface Diagnostics {
  /** A file itself changed, or was closed or deleted, and others may have problems with it. */
  changed(uri: string, affected: readonly string[]): void;
  /** Problems of any file may have changed. */
  allChanged(): void;
}

/** In ms: what changes together is reported together; an edit in an open file is reported at once. */
const quiet = 20;

/** Computes the problems of a file; none for a file that is not recognised. */
async function problemsOf(
  uri: string,
  { known, files, settings, refusals, docs }: DiagnosticsOptions,
): Promise<Diagnostic[]> {
  const file = known.get(uri);
  if (!file) return [];
  const { document } = file;
  const { workspace } = known;
  const { severities } = settings();
  const config = known.config(uri);
  const problems = config
    ? await diagnose(config, { files, workspace, refusals: refusals() }, severities)
    : diagnoseServables(document.getText(), workspace, severities);
  return problems.map((problem) => toDiagnostic(document, problem, docs));
}

/** For editors that ask: for a file, and for the whole workspace. The question about the workspace is answered when there
 *  is something to report, so that nothing is done while nothing happens.
 *  @param canRefresh  whether the editor can be asked to request again */
export function pullDiagnostics(options: DiagnosticsOptions, canRefresh: boolean): Diagnostics {
  const { connection, known, settings, log } = options;
  const stale = new Set<string>();
  let hasAnswered = false;
  let wake: (() => void) | undefined;
  /** Only the newest question is kept waiting: an editor that asks again no longer waits for the first answer. */
  let newest = 0;
  let timer: NodeJS.Timeout | undefined;

  connection.languages.diagnostics.on(
    guarded(
      'diagnostics',
      log,
      { kind: DocumentDiagnosticReportKind.Full, items: [] },
      async ({ textDocument }) => ({
        kind: DocumentDiagnosticReportKind.Full,
        items: await problemsOf(textDocument.uri, options),
      }),
    ),
  );

  connection.languages.diagnostics.onWorkspace(
    guarded('workspace diagnostics', log, { items: [] }, async ({ previousResultIds }, token) => {
      const question = ++newest;
      wake?.();
      wake = undefined;
      if (previousResultIds.length === 0) for (const { uri } of known.all()) stale.add(uri);
      // The first answer comes at once, so that an editor knows that there is nothing.
      if (hasAnswered && stale.size === 0) await until(token);
      if (question !== newest) return { items: [] };
      const items: WorkspaceDocumentDiagnosticReport[] = [];
      const now = [...stale];
      stale.clear();
      for (const uri of now) {
        if (token.isCancellationRequested) break;
        // Open files are asked for by themselves.
        const isShown = settings().scope === 'workspace' && !known.get(uri)?.isOpen;
        items.push({
          kind: DocumentDiagnosticReportKind.Full,
          uri,
          version: null,
          resultId: String(Date.now()),
          items: isShown ? await problemsOf(uri, options) : [],
        });
      }
      // A cancelled answer is not read: all of it is sent again.
      if (token.isCancellationRequested) for (const uri of now) stale.add(uri);
      hasAnswered = true;
      return { items };
    }),
  );

  function until(token: CancellationToken): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
      token.onCancellationRequested(() => resolve());
    });
  }

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      wake?.();
      wake = undefined;
    }, quiet);
  }

  return {
    changed(uri, affected) {
      // An editor asks by itself for what is open.
      for (const one of [uri, ...affected]) if (!known.get(one)?.isOpen) stale.add(one);
      if (affected.some((one) => known.get(one)?.isOpen)) refresh();
      if (stale.size > 0) soon();
    },
    allChanged() {
      for (const { uri } of known.all()) stale.add(uri);
      refresh();
      soon();
    },
  };

  function refresh(): void {
    if (canRefresh) connection.languages.diagnostics.refresh().catch(() => undefined);
  }
}

/** For editors that do not ask: sends problems after each change. */
export function pushDiagnostics(options: DiagnosticsOptions): Diagnostics {
  const { connection, known, settings, log } = options;
  const stale = new Set<string>();
  const shown = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  async function send(uri: string): Promise<void> {
    const file = known.get(uri);
    const isShown = file?.isOpen === true || settings().scope === 'workspace';
    const version = file?.document.version;
    const diagnostics = isShown ? await problemsOf(uri, options) : [];
    // A newer version is about to be reported.
    if (known.get(uri)?.document.version !== version) return;
    if (diagnostics.length === 0 && !shown.has(uri) && !file?.isOpen) return;
    if (diagnostics.length > 0) shown.add(uri);
    else shown.delete(uri);
    const report = { uri, diagnostics };
    await connection.sendDiagnostics(file?.isOpen ? { ...report, version: file.document.version } : report);
  }

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const now = [...stale].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
      stale.clear();
      sendAll(now).catch(report);
    }, quiet);
  }

  /** Many configs must not keep an answer waiting. */
  async function sendAll(uris: readonly string[]): Promise<void> {
    for (const [i, uri] of uris.entries()) {
      await send(uri);
      if (i % 16 === 15) await new Promise((resolve) => setTimeout(resolve));
    }
  }

  function isOpen(uri: string): boolean {
    return known.get(uri)?.isOpen ?? false;
  }

  function report(error: unknown): void {
    log(`diagnostics: ${String(error)}`);
  }

  return {
    changed(uri, affected) {
      for (const one of affected) stale.add(one);
      if (isOpen(uri)) send(uri).catch(report);
      else stale.add(uri);
      if (stale.size > 0) soon();
    },
    allChanged() {
      for (const { uri } of known.all()) stale.add(uri);
      for (const uri of shown) stale.add(uri);
      soon();
    },
  };
}
