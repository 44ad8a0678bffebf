import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  InsertTextFormat,
  InsertTextMode,
  type CodeAction,
  type Command,
  type CompletionItem,
  type Connection,
  type ExecuteCommandParams,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { KeyName } from '../../../schemas/config/configKeys.ts';
import { codeActions, type CodeAction as Action } from '../language/features/codeActions.ts';
import { completeLive } from '../language/features/complete/completeLive.ts';
import { describeCompletion } from '../language/features/complete/completion.ts';
import type { Completion } from '../language/features/complete/completionItem.ts';
import { diagnose } from '../language/diagnose.ts';
import { format, formatRange } from '../language/features/format.ts';
import { hover } from '../language/features/hover.ts';
import { indentLine } from '../language/features/indentLine.ts';
import { completeServables, hoverServables } from '../language/servables/servablesHelp.ts';
import { toDiagnostic, toEdit, toOffsets, toRange } from './convert.ts';
import { guarded } from './guard.ts';
import { find, type Client, type FeatureOptions } from './features.ts';
import { markup } from './markup.ts';

/** Makes an edit, for clients whose code actions are commands only. */
export const applyEditCommand = 'clusterServing.applyEdit';

const itemKinds: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  folder: CompletionItemKind.Folder,
  file: CompletionItemKind.File,
  reference: CompletionItemKind.Reference,
};

/** What helps while writing: completion, hover, quick fixes, formatting. */
export function registerEditing(connection: Connection, options: FeatureOptions): void {
  const { known, files, live, log, docs, settings, client } = options;
  const surroundings = { files, workspace: known.workspace };

  connection.onCompletion(
    guarded('completion', log, null, async ({ textDocument, position }) => {
      const file = known.get(textDocument.uri);
      if (!file) return null;
      const { document } = file;
      const offset = document.offsetAt(position);
      const config = known.config(textDocument.uri);
      const list = config
        ? await completeLive(config, offset, { ...surroundings, live })
        : {
            items: await completeServables(
              { uri: document.uri, text: document.getText() },
              offset,
              surroundings,
            ),
            isIncomplete: false,
          };
      const items = list.items.map((item) => toItem(document, item, client));
      return list.isIncomplete ? { items, isIncomplete: true } : items;
    }),
  );

  // Documentation is made for the one item that is looked at.
  connection.onCompletionResolve((item) => {
    const { key } = (item.data ?? {}) as { key?: KeyName };
    if (key === undefined) return item;
    return { ...item, documentation: markup(describeCompletion(key, docs), client.completionMarkdown) };
  });

  connection.onHover(
    guarded('hover', log, null, async ({ textDocument, position }) => {
      const file = known.get(textDocument.uri);
      if (!file) return null;
      const { document } = file;
      const offset = document.offsetAt(position);
      const config = known.config(textDocument.uri);
      const shown = config
        ? await hover(config, offset, files, docs)
        : hoverServables(document.getText(), offset);
      return shown
        ? { contents: markup(shown.markdown, client.hoverMarkdown), range: toRange(document, shown.range) }
        : null;
    }),
  );

  connection.onCodeAction(
    guarded('code actions', log, [], async ({ textDocument, range, context }) => {
      const found = find(known, textDocument.uri);
      if (!found) return [];
      const { document, config } = found;
      const problems = await diagnose(config, surroundings, settings().severities);
      const wanted = (kind: CodeActionKind) =>
        context.only === undefined
          ? kind !== CodeActionKind.SourceFixAll
          : context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
      const actions = codeActions(config, problems, toOffsets(document, range))
        .filter(({ kind, command }) => wanted(kind) && (!command || client.commands.has(command.id)))
        .map((action): CodeAction => ({
          title: action.title,
          kind: action.kind,
          isPreferred: action.preferred,
          diagnostics: action.problems
            .map((problem) => toDiagnostic(document, problem, docs))
            .filter(({ severity }) => severity !== DiagnosticSeverity.Hint || action.preferred),
          ...(action.command
            ? { command: commandOf(action.title, action.command) }
            : { edit: { changes: { [document.uri]: action.edits.map((edit) => toEdit(document, edit)) } } }),
        }));
      if (client.codeActionLiterals) return actions;
      return actions.map(
        ({ title, edit, command }): Command =>
          command ?? { title, command: applyEditCommand, arguments: [edit] },
      );
    }),
  );

  connection.onExecuteCommand(
    guarded('command', log, null, async ({ command, arguments: given }: ExecuteCommandParams) => {
      const edit: unknown = given?.[0];
      if (command === applyEditCommand) await connection.workspace.applyEdit(edit as WorkspaceEdit);
      return null;
    }),
  );

  connection.onDocumentFormatting(
    guarded('formatting', log, [], ({ textDocument }) => {
      const found = find(known, textDocument.uri);
      return found ? format(found.config).map((edit) => toEdit(found.document, edit)) : [];
    }),
  );

  connection.onDocumentOnTypeFormatting(
    guarded('indentation', log, [], ({ textDocument, position, options: { tabSize } }) => {
      const document = known.get(textDocument.uri)?.document;
      if (!document) return [];
      const edits = indentLine(document.getText(), document.offsetAt(position), tabSize);
      return edits.map((edit) => toEdit(document, edit));
    }),
  );

  connection.onDocumentRangeFormatting(
    guarded('range formatting', log, [], ({ textDocument, range }) => {
      const found = find(known, textDocument.uri);
      if (!found) return [];
      const edits = formatRange(found.config, toOffsets(found.document, range));
      return edits.map((edit) => toEdit(found.document, edit));
    }),
  );
}

function commandOf(title: string, { id, arguments: given }: NonNullable<Action['command']>): Command {
  return { title, command: id, arguments: [...given] };
}

function toItem(document: TextDocument, item: Completion, client: Client): CompletionItem {
  const snippet = client.snippets ? item.snippet : undefined;
  return {
    label: item.label,
    kind: itemKinds[item.kind],
    sortText: String(item.rank + 1000).padStart(5, '0'),
    filterText: item.filter ?? item.text,
    ...(item.detail === '' ? {} : { detail: item.detail }),
    insertTextFormat: snippet === undefined ? InsertTextFormat.PlainText : InsertTextFormat.Snippet,
    textEdit: { range: toRange(document, item.range), newText: snippet ?? item.text },
    // The lines of a model are indented already.
    ...(item.text.includes('\n') ? { insertTextMode: InsertTextMode.asIs } : {}),
    ...(item.key === undefined ? {} : { data: { key: item.key } }),
    ...(item.continues && client.snippets && client.opensSuggestions
      ? { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }
      : {}),
  };
}
