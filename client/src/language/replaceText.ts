import { Range, WorkspaceEdit, workspace, type TextDocument } from 'vscode';

/** Puts another text in place of a document's, and saves it. */
export async function replaceText(document: TextDocument, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, document.validateRange(new Range(0, 0, document.lineCount, 0)), text);
  await workspace.applyEdit(edit);
  await document.save();
}
