import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location, Position, TextEdit as LspTextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { isJobName, jobNameUses, type JobNameSource, type JobNameUse } from '../language/jobNames.ts';
import { toRange } from './convert.ts';
import type { Host } from './host/host.ts';
import type { KnownFiles } from './knownFiles.ts';

export interface JobNamesOptions {
  readonly known: KnownFiles;
  /** The text of an open document, recognised or not. */
  readonly open: (uri: string) => TextDocument | undefined;
  readonly allOpen: () => readonly TextDocument[];
  readonly folders: () => readonly string[];
  readonly host: Host;
}

/** The names of jobs across the files of the workspace. */
export interface JobNames {
  at(
    uri: string,
    position: Position,
  ): { readonly document: TextDocument; readonly use: JobNameUse } | undefined;
  /** Every place that names the job. */
  find(name: string, onlyDefinitions: boolean): Promise<Location[]>;
  /** All of it in one edit; undefined where the new name cannot be one. */
  rename(name: string, newName: string): Promise<WorkspaceEdit | undefined>;
}

interface Found {
  readonly document: TextDocument;
  readonly uses: readonly JobNameUse[];
}

const otherFiles = /\.(?:py|sh|bash)$/;

export function createJobNames({ known, open, allOpen, folders, host }: JobNamesOptions): JobNames {
  function sourceOf(uri: string): JobNameSource | undefined {
    const kind = known.get(uri)?.kind;
    if (kind) return kind;
    if (uri.endsWith('.py')) return 'python';
    return otherFiles.test(uri) ? 'script' : undefined;
  }

  function usesIn(document: TextDocument): readonly JobNameUse[] {
    const source = sourceOf(document.uri);
    return source ? jobNameUses(source, document.getText()) : [];
  }

  async function everything(): Promise<Found[]> {
    const documents = new Map(allOpen().map((document) => [document.uri, document]));
    const seen = new Set(Array.from(documents.keys(), known.identityOf));
    const isNew = (uri: string) => !seen.has(known.identityOf(uri)) && seen.add(known.identityOf(uri));
    for (const { uri, document } of known.all()) if (isNew(uri)) documents.set(uri, document);
    const paths = (await Promise.all(folders().map((folder) => host.findFiles(folder, otherFiles)))).flatMap(
      (found) => found.files,
    );
    for (const path of paths) {
      const uri = host.files.uriOf(path);
      const text = isNew(uri) ? await host.readText(path) : undefined;
      if (text !== undefined) documents.set(uri, TextDocument.create(uri, 'plaintext', 0, text));
    }
    return Array.from(documents.values(), (document) => ({ document, uses: usesIn(document) }));
  }

  return {
    at(uri, position) {
      const document = open(uri);
      if (!document) return undefined;
      const offset = document.offsetAt(position);
      const use = usesIn(document).find(({ range }) => range.start <= offset && offset <= range.end);
      return use && { document, use };
    },
    async find(name, onlyDefinitions) {
      return (await everything()).flatMap(({ document, uses }) =>
        uses
          .filter((use) => use.name === name && (use.isDefinition || !onlyDefinitions))
          .map(({ range }) => ({ uri: document.uri, range: toRange(document, range) })),
      );
    },
    async rename(name, newName) {
      if (!isJobName(newName)) return undefined;
      const changes: Record<string, LspTextEdit[]> = {};
      for (const { document, uses } of await everything()) {
        const edits = uses
          .filter((use) => use.name === name)
          .map(({ range }) => ({ range: toRange(document, range), newText: newName }));
        if (edits.length > 0) changes[document.uri] = edits;
      }
      return { changes };
    },
  };
}
