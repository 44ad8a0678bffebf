import {
  CodeActionKind,
  MarkupKind,
  TextDocumentSyncKind,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import type { Host } from './host/host.ts';
import { applyEditCommand } from './editing.ts';
import type { Client } from './features.ts';

/** What a client can do, by what it says; some write null where they lack something. */
export function clientOf({ capabilities, initializationOptions }: InitializeParams): Client {
  const { commands, opensSuggestions } = (initializationOptions ?? {}) as Partial<Record<string, unknown>>;
  const text = capabilities.textDocument;
  const item = text?.completion?.completionItem;
  return {
    snippets: item?.snippetSupport === true,
    hoverMarkdown: takesMarkdown(text?.hover?.contentFormat),
    completionMarkdown: takesMarkdown(item?.documentationFormat),
    nestedSymbols: text?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    codeActionLiterals: Boolean(text?.codeAction?.codeActionLiteralSupport),
    opensSuggestions: opensSuggestions === true,
    refreshesLenses: capabilities.workspace?.codeLens?.refreshSupport === true,
    commands: new Set(
      Array.isArray(commands) ? commands.filter((command) => typeof command === 'string') : [],
    ),
  };
}

function takesMarkdown(formats: unknown): boolean {
  return Array.isArray(formats) && formats.includes(MarkupKind.Markdown);
}

/** The folders of the workspace, of older clients too. */
export function foldersOf(
  { workspaceFolders, rootUri, rootPath }: OlderInitializeParams,
  pathOf: Host['pathOf'],
): string[] {
  const named = workspaceFolders?.map(({ uri }) => uri) ?? [];
  // Some clients have an empty list for want of folders, and a root.
  const uris = named.length === 0 && rootUri ? [rootUri] : named;
  const paths = uris.flatMap((uri) => pathOf(uri) ?? []);
  return uris.length === 0 && rootPath ? [rootPath] : paths;
}

/** What clients sent before there were folders. */
type OlderInitializeParams = Pick<InitializeParams, 'workspaceFolders'> & {
  readonly rootUri?: string | null;
  readonly rootPath?: string | null;
};

/** @param pulls  whether the client asks for problems */
export function serverCapabilities(client: Client, pulls: boolean): InitializeResult['capabilities'] {
  return {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    completionProvider: { resolveProvider: true, triggerCharacters: [' ', '/', ':'] },
    hoverProvider: true,
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, CodeActionKind.SourceFixAll],
    },
    documentFormattingProvider: true,
    documentRangeFormattingProvider: true,
    documentOnTypeFormattingProvider: { firstTriggerCharacter: '\n' },
    documentSymbolProvider: true,
    workspaceSymbolProvider: true,
    foldingRangeProvider: true,
    selectionRangeProvider: true,
    documentHighlightProvider: true,
    documentLinkProvider: {},
    inlayHintProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    renameProvider: { prepareProvider: true },
    ...(client.codeActionLiterals ? {} : { executeCommandProvider: { commands: [applyEditCommand] } }),
    ...(client.commands.size > 0 ? { codeLensProvider: {} } : {}),
    ...(pulls ? { diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: true } } : {}),
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
}
