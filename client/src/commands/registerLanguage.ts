import { commands as editorCommands } from 'vscode';
import { commandId, type BrowserCommandName } from '../../../schemas/editor/commands.ts';
import type { Handler, LanguageApp } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { convertConfig } from './config/convertConfig.ts';
import { leaveAlone } from './config/leaveAlone.ts';
import { takeAsConfig } from './config/takeAsConfig.ts';
import { restartLanguageServer } from './language/restartLanguageServer.ts';
import { reportIssue } from './reportIssue.ts';

/** The commands that need no machine; those of the table that say so, and no others. */
export const languageHandlers: Readonly<Record<BrowserCommandName, (app: LanguageApp) => Handler>> = {
  convertConfig,
  leaveAlone,
  reportIssue,
  restartLanguageServer,
  takeAsConfig,
};

export function registerLanguageCommands(app: LanguageApp): readonly Disposing[] {
  return Object.entries(languageHandlers).map(([name, create]) =>
    editorCommands.registerCommand(commandId(name as BrowserCommandName), create(app)),
  );
}
