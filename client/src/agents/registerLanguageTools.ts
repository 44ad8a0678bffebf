import * as vscode from 'vscode';
import { languageToolPrefix } from '../../../schemas/editor/editorTasks.ts';
import type { Disposing } from '../disposing.ts';
import type { Cli } from '../jobs/cli.ts';
import { callTool } from './toolCall.ts';

/** A tool as the manifest has it, its texts in the reader's language. The manifest is made from the table of tools, so that
 *  their schemas are not in the extension a second time. */
interface ManifestTool {
  readonly name: string;
  readonly displayName: string;
  readonly tags: readonly string[];
}

/** Gives the tools that change nothing to the language models of the editor. Each call is a run of the command line; until
 *  one is called, none is. */
export function registerLanguageTools(cli: Pick<Cli, 'run'>, manifest: unknown): readonly Disposing[] {
  // Editors that are built without chat may lack it.
  if (!('lm' in vscode) || !('registerTool' in vscode.lm)) return [];
  const { contributes } = manifest as { contributes: { languageModelTools?: readonly ManifestTool[] } };
  return (contributes.languageModelTools ?? []).map((tool) =>
    vscode.lm.registerTool(tool.name, languageTool(cli, tool)),
  );
}

function languageTool(
  cli: Pick<Cli, 'run'>,
  { name, displayName, tags }: ManifestTool,
): vscode.LanguageModelTool<object> {
  return {
    prepareInvocation: () => ({
      invocationMessage: vscode.l10n.t('Cluster Serving: {0}', displayName),
      ...(tags.includes('runs')
        ? {
            confirmationMessages: {
              title: vscode.l10n.t('Cluster Serving: {0}', displayName),
              message: vscode.l10n.t('This loads the library, or runs the Python, that the config names.'),
            },
          }
        : {}),
    }),
    async invoke({ input }, token) {
      if (!vscode.workspace.isTrusted)
        throw new Error('The workspace is not trusted, so Cluster Serving runs nothing in it.');
      const end = new AbortController();
      const cancel = token.onCancellationRequested(() => end.abort());
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
      try {
        const text = await callTool(cli, {
          tool: name.slice(languageToolPrefix.length),
          input,
          signal: end.signal,
          ...(folder === undefined ? {} : { folder }),
        });
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
      } catch (error) {
        throw token.isCancellationRequested ? new vscode.CancellationError() : error;
      } finally {
        cancel.dispose();
      }
    },
  };
}
