import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type ClientCapabilities,
  type Connection,
} from 'vscode-languageserver';
import type { Log } from './guard.ts';

/* What the server asks of the client. A client may refuse, or never answer; neither may stop anything. */

/** Shows that something is being done, once the client has agreed to show it. */
export function beginProgress(connection: Connection, title: string): { done(): void } {
  let isDone = false;
  let end: () => void = () => undefined;
  connection.window.createWorkDoneProgress().then(
    (progress) => {
      // What was created is begun and ended, also when it is over by then: a client may wait for it.
      progress.begin(title);
      if (isDone) progress.done();
      else end = () => progress.done();
    },
    () => undefined,
  );
  return {
    done() {
      isDone = true;
      end();
    },
  };
}

/** Has the client report changes of settings and files, where it can. */
export function registerInterests({ client }: Connection, { workspace }: ClientCapabilities, log: Log): void {
  const refused = (error: unknown) => log(`The editor does not report changes: ${String(error)}`);
  if (workspace?.didChangeConfiguration?.dynamicRegistration)
    client.register(DidChangeConfigurationNotification.type, { section: 'clusterServing' }).catch(refused);
  if (workspace?.didChangeWatchedFiles?.dynamicRegistration)
    client
      .register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*.{yaml,yml}' }] })
      .catch(refused);
}

export function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: NodeJS.Timeout | number = setTimeout(resolve, ms);
    // In a browser it is a number, and ends with the page.
    if (typeof timer === 'object') timer.unref();
  });
}
