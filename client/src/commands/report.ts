import { Uri, commands, l10n, window, workspace, type LogOutputChannel } from 'vscode';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { executeOwn } from './execute.ts';

interface Help {
  readonly title: string;
  readonly act: () => unknown;
}

/** Says what failed, once for each action of the user, with the one button that helps most. */
export async function reportError(log: LogOutputChannel, error: unknown, configPath?: string): Promise<void> {
  log.error(error instanceof ServingError ? `${error.code}: ${error.message}` : String(error));
  const help = helpFor(error, log, configPath);
  // Only the first lines: a notification is no place for a list; the log has it all.
  const text = messageOf(error).split('\n').slice(0, 3).join('\n');
  const picked = await window.showErrorMessage(text, help.title);
  if (picked === help.title) await help.act();
}

function helpFor(error: unknown, log: LogOutputChannel, configPath: string | undefined): Help {
  const output = { title: l10n.t('Show Output'), act: () => log.show() };
  if (!(error instanceof ServingError)) return output;
  const { code } = error;
  if (code.startsWith('redis-') || code === 'trust-store-unreadable')
    return { title: l10n.t('Run Doctor'), act: () => executeOwn('doctor', uri(configPath)) };
  if (configPath !== undefined && (code.startsWith('config-') || code.startsWith('model-')))
    return {
      title: l10n.t('Open Config'),
      act: () => commands.executeCommand('vscode.open', Uri.file(configPath)),
    };
  if (configPath !== undefined && code === 'job-running')
    return { title: l10n.t('Restart'), act: () => executeOwn('restartJob', uri(configPath)) };
  if (configPath !== undefined && code.startsWith('job-'))
    return { title: l10n.t('Show Logs'), act: () => executeOwn('showLogs', uri(configPath)) };
  return output;
}

function uri(path: string | undefined): Uri | undefined {
  return path === undefined ? undefined : Uri.file(path);
}

/** Says that a config is written in a way that an edit of a program would change more of than it should. */
export async function sayByHand(uri: Uri): Promise<void> {
  await window.showErrorMessage(
    l10n.t(
      '{0} is written in a way that only you can change. Edit it by hand.',
      workspace.asRelativePath(uri),
    ),
  );
}
