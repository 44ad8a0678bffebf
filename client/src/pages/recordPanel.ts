import { randomBytes } from 'node:crypto';
import { ViewColumn, env, l10n, window, type WebviewPanel } from 'vscode';
import type { RecordPreview } from '../../../schemas/redis/queueReports.ts';
import { recordPage } from './recordPage.ts';

/** Shows records beside the editor, one after the other in the same place. */
export interface RecordPanel {
  show(record: RecordPreview): void;
}

export function createRecordPanel(): RecordPanel {
  let panel: WebviewPanel | undefined;
  return {
    show(record) {
      if (!panel) {
        panel = window.createWebviewPanel('clusterServing.record', '', {
          viewColumn: ViewColumn.Beside,
          preserveFocus: true,
        });
        panel.onDidDispose(() => {
          panel = undefined;
        });
      } else panel.reveal(undefined, true);
      panel.title = record.uri ?? record.id;
      const nonce = randomBytes(16).toString('base64url');
      panel.webview.html = recordPage(record, (message, ...args) => l10n.t(message, ...args), {
        nonce,
        language: env.language,
      });
    },
  };
}
