import { EventEmitter, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Disposing } from '../disposing.ts';

/** Documents that answer a command. They are no files and cannot be changed, so the editor does not ask to save them. */
export interface Reports extends Disposing {
  /** Shows a text beside the editor; the one of the same name is replaced. @param name  with an ending, for its language */
  show(name: string, text: string): Promise<void>;
}

const scheme = 'cluster-serving-report';

export function createReports(): Reports {
  const texts = new Map<string, string>();
  const changed = new EventEmitter<Uri>();
  const provider = workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: ({ path }) => texts.get(path) ?? '',
  });
  return {
    async show(name, text) {
      const uri = Uri.from({ scheme, path: `/${name.replaceAll('/', '_')}` });
      texts.set(uri.path, text);
      changed.fire(uri);
      const document = await workspace.openTextDocument(uri);
      await window.showTextDocument(document, {
        viewColumn: ViewColumn.Beside,
        preview: true,
        preserveFocus: true,
      });
    },
    dispose() {
      provider.dispose();
      changed.dispose();
    },
  };
}
