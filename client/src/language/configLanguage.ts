import { workspace, type TextDocument } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { commandId, type CommandName } from '../../../schemas/commands.ts';
import type { Disposing } from '../disposing.ts';
import { readFacts } from '../jobs/configFacts.ts';

/** The language server of the configs. */
export interface ConfigLanguage extends Disposing {
  /** Starts it when the first file is open that may be ours: most YAML is not. */
  startWhenNeeded(): void;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What the server may offer above a config. */
const lensCommands: readonly CommandName[] = ['startJob', 'stopJob', 'showLogs', 'tryJob'];

/** @param program  the server's bundle */
export function createConfigLanguage(program: string, log: (message: string) => void): ConfigLanguage {
  const disposables: Disposing[] = [];
  let client: LanguageClient | undefined;
  let isStarted = false;

  function consider(document: TextDocument): void {
    if (isStarted || !mayBeOurs(document)) return;
    isStarted = true;
    start().catch((error: unknown) => log(`The language server did not start: ${String(error)}`));
  }

  async function start(): Promise<void> {
    const { LanguageClient, TransportKind } = await import('vscode-languageclient/node');
    client = new LanguageClient(
      'clusterServing',
      'Cluster Serving',
      { module: program, transport: TransportKind.ipc },
      {
        documentSelector: [{ language: 'yaml' }],
        initializationOptions: {
          commands: workspace.isTrusted ? lensCommands.map(commandId) : [],
        },
      },
    );
    await client.start();
  }

  return {
    startWhenNeeded() {
      disposables.push(
        workspace.onDidOpenTextDocument(consider),
        workspace.onDidChangeTextDocument(({ document }) => consider(document)),
        // Whoever trusts a workspace gets the lenses at once.
        workspace.onDidGrantWorkspaceTrust(() => void this.restart()),
      );
      workspace.textDocuments.forEach(consider);
    },
    async restart() {
      await this.stop();
      isStarted = true;
      await start();
    },
    async stop() {
      const ending = client;
      client = undefined;
      await ending?.dispose();
    },
    dispose: () => {
      for (const one of disposables) one.dispose();
    },
  };
}

/** By its name, or by a line that says so. The server looks closer; a foreign file gets no answer from it. */
function mayBeOurs(document: TextDocument): boolean {
  if (document.languageId !== 'yaml') return false;
  return (
    /(^|[\\/])(config|servables-conf)\.ya?ml$/.test(document.fileName) ||
    readFacts(document.getText()) !== undefined
  );
}
