import '../program/noInspector.ts';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createConnection } from 'vscode-languageserver/node';
import { nodeHost } from './host/nodeHost.ts';
import { createLifecycle } from './lifecycle.ts';
import { startServer } from './server.ts';

/** The language server as a process of its own: `--stdio` (also without an option), `--node-ipc`, `--socket=PORT`. With
 *  `--stdio`, stdout carries the protocol and nothing else. */
// Edits make much short-lived garbage; the space for it would grow to half of all memory and gain nothing.
setFlagsFromString('--semi-space-growth-factor=1');
const isOther = process.argv.some((option) => /^--(?:node-ipc|socket|pipe)/.test(option));
const options = { messageStrategy: createLifecycle() };
const connection = isOther
  ? createConnection(options)
  : createConnection(process.stdin, process.stdout, options);
// A library that prints would break the protocol.
console.log =
  console.info =
  console.debug =
    (...words) => {
      console.error(...words);
    };
const docs = pathToFileURL(join(__dirname, '..', 'docs', 'config.md')).href;
startServer(connection, nodeHost(), docs);
