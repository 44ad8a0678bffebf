import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { webHost } from './host/webHost.ts';
import { createLifecycle } from './lifecycle.ts';
import { startServer } from './server.ts';

/** The language server as a worker of a browser: it talks by messages. */
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

const options = { messageStrategy: createLifecycle() };
const reader = new BrowserMessageReader(self);
startServer(createConnection(reader, new BrowserMessageWriter(self), options), webHost());
