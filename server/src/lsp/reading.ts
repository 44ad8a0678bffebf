import {
  FoldingRangeKind,
  SymbolKind,
  type Connection,
  type DocumentSymbol,
  type DocumentSymbolParams,
  type SelectionRange,
  type SymbolInformation,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { codeLenses } from '../language/features/codeLenses.ts';
import { documentLinks } from '../language/features/documentLinks.ts';
import { folds } from '../language/features/folding.ts';
import { highlights } from '../language/features/highlights.ts';
import { inlayHints } from '../language/features/inlayHints.ts';
import { selectionRanges } from '../language/features/selectionRanges.ts';
import { symbols, type Symbol } from '../language/features/symbols.ts';
import { toRange } from './convert.ts';
import { find, type FeatureOptions } from './features.ts';
import { guarded } from './guard.ts';

/** What helps while reading: outline, folding, links, hints and the like. */
export function registerReading(connection: Connection, options: FeatureOptions): void {
  const { known, files, jobs, log, settings, client } = options;

  connection.onDocumentSymbol(
    guarded<DocumentSymbolParams, DocumentSymbol[] | SymbolInformation[]>(
      'symbols',
      log,
      [],
      ({ textDocument }) => {
        const found = find(known, textDocument.uri);
        if (!found) return [];
        const tree = symbols(found.config);
        return client.nestedSymbols
          ? tree.map((symbol) => toSymbol(found.document, symbol))
          : tree.flatMap((symbol) => toFlatSymbols(found.document, textDocument.uri, symbol));
      },
    ),
  );

  connection.onWorkspaceSymbol(
    guarded('workspace symbols', log, [], ({ query }) =>
      Array.from(known.workspace.all(), ({ uri, jobName }) => ({
        name: jobName,
        kind: SymbolKind.Namespace,
        location: { uri, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } },
      })).filter(({ name }) => name !== '' && name.toLowerCase().includes(query.toLowerCase())),
    ),
  );

  connection.onFoldingRanges(
    guarded('folding', log, [], ({ textDocument }) => {
      const found = find(known, textDocument.uri);
      return (found ? folds(found.config) : []).map(({ startLine, endLine, kind }) => ({
        startLine,
        endLine,
        kind: kind === 'comment' ? FoldingRangeKind.Comment : FoldingRangeKind.Region,
      }));
    }),
  );

  connection.onSelectionRanges(
    guarded('selection ranges', log, [], ({ textDocument, positions }) => {
      const found = find(known, textDocument.uri);
      return positions.map((position): SelectionRange => {
        const empty: SelectionRange = { range: { start: position, end: position } };
        if (!found) return empty;
        const chain = selectionRanges(found.config, found.document.offsetAt(position));
        const outermost: SelectionRange | undefined = undefined;
        return (
          chain.reduceRight<SelectionRange | undefined>((parent, range) => {
            const here = { range: toRange(found.document, range) };
            return parent ? { ...here, parent } : here;
          }, outermost) ?? empty
        );
      });
    }),
  );

  connection.onDocumentHighlight(
    guarded('highlights', log, [], ({ textDocument, position }) => {
      const found = find(known, textDocument.uri);
      if (!found) return [];
      const ranges = highlights(found.config, found.document.offsetAt(position));
      return ranges.map((range) => ({ range: toRange(found.document, range) }));
    }),
  );

  connection.onDocumentLinks(
    guarded('links', log, [], async ({ textDocument }) => {
      const found = find(known, textDocument.uri);
      const links = found ? await documentLinks(found.config, files) : [];
      return links.map(({ range, target }) => ({
        range: toRange((found as typeof found & object).document, range),
        target,
      }));
    }),
  );

  connection.languages.inlayHint.on(
    guarded('inlay hints', log, [], async ({ textDocument, range }) => {
      const found = find(known, textDocument.uri);
      if (!found || !settings().inlayHints) return [];
      const { document, config } = found;
      return (await inlayHints(config, files))
        .map(({ offset, label, tooltip }) => ({
          position: document.positionAt(offset),
          label,
          tooltip,
          paddingLeft: true,
        }))
        .filter(({ position }) => position.line >= range.start.line && position.line <= range.end.line);
    }),
  );

  connection.onCodeLens(
    guarded('code lenses', log, [], ({ textDocument }) => {
      const found = find(known, textDocument.uri);
      if (!found) return [];
      return codeLenses(found.config, client.commands, jobs()).map(({ range, title, command }) => ({
        range: toRange(found.document, range),
        command: { title, command, arguments: [textDocument.uri] },
      }));
    }),
  );
}

/** For clients that know no tree: each with the name of the one that it is in. */
function toFlatSymbols(
  document: TextDocument,
  uri: string,
  symbol: Symbol,
  containerName?: string,
): SymbolInformation[] {
  const { name, range, children } = symbol;
  const kind = children.length > 0 ? SymbolKind.Namespace : SymbolKind.Property;
  const location = { uri, range: toRange(document, range) };
  return [
    { name, kind, location, ...(containerName === undefined ? {} : { containerName }) },
    ...children.flatMap((child) => toFlatSymbols(document, uri, child, name)),
  ];
}

function toSymbol(document: TextDocument, symbol: Symbol): DocumentSymbol {
  const { name, detail, range, nameRange, children } = symbol;
  return {
    name,
    detail,
    kind: children.length > 0 ? SymbolKind.Namespace : SymbolKind.Property,
    range: toRange(document, range),
    selectionRange: toRange(document, nameRange),
    children: children.map((child) => toSymbol(document, child)),
  };
}
