import { Uri, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { targetConfig } from '../target.ts';

export function openConfig(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (target) await window.showTextDocument(Uri.file(target.configPath));
  };
}
