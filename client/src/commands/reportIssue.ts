import { commands, env, version as editorVersion } from 'vscode';
import type { App, Handler } from '../app.ts';

/** Opens the editor's form for issues with the versions in it; nothing of a config or of a log. */
export function reportIssue({ context }: App): Handler {
  return async () => {
    const { version } = context.extension.packageJSON as { readonly version: string };
    const data = [
      `Cluster Serving ${version}`,
      `${env.appName} ${editorVersion} (${env.remoteName === undefined ? 'local' : 'remote'})`,
      `Node.js ${process.version}, ${process.platform} ${process.arch}`,
    ];
    await commands.executeCommand('workbench.action.openIssueReporter', {
      extensionId: context.extension.id,
      data: data.join('\n'),
    });
  };
}
