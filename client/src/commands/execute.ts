import { commands } from 'vscode';
import { commandId, type CommandName } from '../../../schemas/editor/commands.ts';

/** Runs a command of the extension, as if the user had. */
export async function executeOwn(name: CommandName, argument?: unknown): Promise<void> {
  await commands.executeCommand(commandId(name), argument);
}
