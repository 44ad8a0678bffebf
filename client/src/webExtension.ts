import { Uri, window, workspace, type ExtensionContext } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import type { LanguageApp } from './app.ts';
import { registerLanguageCommands } from './commands/registerLanguage.ts';
import { createConfigLanguage } from './language/configLanguage.ts';
import { createFileLanguages } from './language/fileLanguages.ts';
import { createLanguageStatus } from './language/languageStatus.ts';
import { registerNoModelEditors } from './pages/noModelEditors.ts';

/** Of the browser. */
declare const Worker: new (url: string) => Exclude<ServerOptions, (...args: never) => unknown>;

type ServerOptions = ConstructorParameters<typeof LanguageClient>[2];

let running: LanguageApp | undefined;

/** The extension where there is no machine, only a browser: what helps to write a config, and nothing that starts one. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Cluster Serving', { log: true });
  const program = Uri.joinPath(context.extensionUri, 'dist', 'browser', 'languageServer.js');
  const language = createConfigLanguage({
    makeClient: async (options) =>
      new LanguageClient('clusterServing', 'Cluster Serving', new Worker(await urlOf(program)), options),
    // Those of git are read only; what people write lies in a file system that can be written, whatever it is called.
    isFile: ({ scheme }) => scheme === 'untitled' || workspace.fs.isWritableFileSystem(scheme) === true,
    log: (message) => log.error(message),
  });
  const files = createFileLanguages(language, (message) => log.error(message));
  running = { context, log, language, files };
  context.subscriptions.push(
    log,
    files,
    createLanguageStatus(language, files),
    language,
    ...registerLanguageCommands(running),
    ...registerNoModelEditors(),
  );
  language.startWhenNeeded();
}

export async function deactivate(): Promise<void> {
  await running?.language.stop();
  running = undefined;
}

/** Workers are only made from addresses that a browser knows. */
async function urlOf(program: Uri): Promise<string> {
  if (/^https?$/.test(program.scheme)) return program.toString(true);
  const bytes = await workspace.fs.readFile(program);
  return URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'text/javascript' }));
}
