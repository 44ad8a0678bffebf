import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ConfigText } from '../language/configText.ts';
import type { Files } from '../language/files.ts';
import type { JobStates } from '../language/jobStates.ts';
import type { Live } from '../language/live.ts';
import type { Log } from './guard.ts';
import type { KnownFiles } from './knownFiles.ts';
import type { Settings } from './settings.ts';

/** What the editor at the other end can do. */
export interface Client {
  readonly snippets: boolean;
  /** Whether it shows Markdown; else it gets the same as plain text. */
  readonly hoverMarkdown: boolean;
  readonly completionMarkdown: boolean;
  readonly nestedSymbols: boolean;
  /** Whether it takes edits in code actions; else it gets commands that ask for them. */
  readonly codeActionLiterals: boolean;
  /** Whether it runs VS Code's command that opens the list of completions. */
  readonly opensSuggestions: boolean;
  /** Whether it can be asked to request code lenses again. */
  readonly refreshesLenses: boolean;
  /** The commands of the extension; none in other editors. */
  readonly commands: ReadonlySet<string>;
}

/** What every feature's handler needs. */
export interface FeatureOptions {
  readonly known: KnownFiles;
  readonly files: Files;
  readonly live: Live;
  /** What the editor has reported of jobs; undefined before it has. */
  readonly jobs: () => JobStates | undefined;
  readonly settings: () => Settings;
  readonly client: Client;
  readonly docs?: string;
  readonly log: Log;
}

/** The config in a document; undefined for files that are not recognised, which get no answer. */
export function find(
  known: KnownFiles,
  uri: string,
): { readonly document: TextDocument; readonly config: ConfigText } | undefined {
  const config = known.config(uri);
  const document = known.get(uri)?.document;
  return config && document ? { document, config } : undefined;
}
