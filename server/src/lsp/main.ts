import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConnection } from 'vscode-languageserver/node';
import { startServer } from './server.ts';

/** The language server as a process of its own: `--stdio` (also without an option), `--node-ipc`, `--socket=PORT`. With
 *  `--stdio`, stdout carries the protocol and nothing else. */
const isOther = process.argv.some((option) => /^--(?:node-ipc|socket|pipe)/.test(option));
const connection = isOther ? createConnection() : createConnection(process.stdin, process.stdout);
// A library that prints would break the protocol.
console.log =
  console.info =
  console.debug =
    (...words) => {
      console.error(...words);
    };
const docs = pathToFileURL(join(__dirname, '..', 'docs', 'config.md')).href;
startServer(connection, docs);
