import { commands, env, version as editorVersion } from 'vscode';
import type { Handler, LanguageApp } from '../app.ts';

/** Opens the editor's form for issues with the versions in it; nothing of a config or of a log. */
export function reportIssue({ context }: LanguageApp): Handler {
  return async () => {
    const { version } = context.extension.packageJSON as { readonly version: string };
    const data = [
      `Cluster Serving ${version}`,
      `${env.appName} ${editorVersion} (${env.remoteName === undefined ? 'local' : 'remote'})`,
      platform(),
    ];
    await commands.executeCommand('workbench.action.openIssueReporter', {
      extensionId: context.extension.id,
      data: data.join('\n'),
    });
  };
}

function platform(): string {
  // Not there in a browser, whatever its type says.
  const { process: node } = globalThis as { readonly process?: NodeJS.Process };
  return node ? `Node.js ${node.version}, ${node.platform} ${node.arch}` : 'in a browser';
}
