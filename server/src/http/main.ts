import '../program/closedOutput.ts';
import '../program/noInspector.ts';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { FrontendOptions } from '../../../schemas/frontendOptions.ts';
import { printable, printableJson, printableStack } from '../../../schemas/printable.ts';
import { onHangup } from '../program/onHangup.ts';
import { loadConfig } from '../workspace/loadConfig.ts';
import { buildApp } from './app.ts';
import { createFrontend, type Frontend } from './frontend.ts';
import { readKeys } from './setup/httpsKeys.ts';
import { effectiveOptions, helpText, parseCommandLine } from './setup/options.ts';
import { startUnservedModels } from './setup/unservedModels.ts';
import { createPresence } from './watch/presence.ts';
import { readServablesFile, type ServablesFile } from './setup/servablesFile.ts';

declare const CLUSTER_SERVING_VERSION: string;

const commandLineFile = fileURLToPath(new URL('cli.mjs', import.meta.url));

/* V8 takes objects that often outlive a collection for long-lived and begins to make them in the old generation. Those of
   a request live for a few milliseconds, some of them across a collection; made there, each keeps what it refers to alive
   until the next full collection. */
setFlagsFromString('--no-allocation-site-pretenuring');

/** The HTTP frontend: a process of its own beside the workers, which it meets in Redis only. */
async function main(): Promise<void> {
  if (process.argv.includes('--version')) {
    process.stdout.write(`${CLUSTER_SERVING_VERSION}\n`);
    return;
  }
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.wantsHelp) {
    process.stdout.write(helpText());
    return;
  }
  const config = commandLine.configPath === undefined ? undefined : loadConfig(commandLine.configPath).config;
  const options = effectiveOptions(commandLine, config, process.env);
  // Lines are written in chunks: one write for each request would cost more than the request.
  const output = pino.destination({ dest: 1, sync: true, minLength: 8_192, periodicFlush: 500 });
  const printed = {
    write: (line: string) => void output.write(printableJson(line)),
    flush: (done?: (error?: Error) => void) => output.flush(done),
  };
  const log = pino({ base: null }, printed);
  const keys = options.httpsEnabled ? await readKeys(options) : undefined;
  const { servables, unservedModels, warnings } = loadServables(options);
  for (const warning of warnings) log.warn(warning);
  const frontend = createFrontend({
    options,
    version: CLUSTER_SERVING_VERSION,
    servables: [...servables, ...(await startUnservedModels(unservedModels, options, commandLineFile, log))],
    bodyWorkerFile: fileURLToPath(new URL('bodyWorker.mjs', import.meta.url)),
    recordsEncrypted: config?.recordEncrypted ?? false,
    onTrouble: (message) => {
      if (message === null) log.info('Redis answers again');
      else log.warn(`waiting for Redis: ${message}`);
    },
  });
  await frontend.refresh();
  const shared = {
    frontend,
    log,
    scripts: readScripts(),
    writeLine: inOneWrite((lines) => void output.write(lines)),
  };
  const apps = [await buildApp(shared)];
  const url = await listen(apps[0], options.interface, options.port, 'http', log);
  if (keys) {
    const secure = await buildApp({ ...shared, https: keys });
    apps.push(secure);
    await listen(secure, options.interface, options.securePort, 'https', log);
  }
  output.flush();
  run(frontend, apps, url, log);
}

/** The lines of one turn of the loop as one text: the destination measures each that it is given. */
function inOneWrite(write: (lines: string) => void): (line: string) => void {
  let lines = '';
  return (line) => {
    if (lines === '')
      setImmediate(() => {
        write(lines);
        lines = '';
      });
    lines += line;
  };
}

/** @returns where others find it: by the name of this machine, if it listens on all addresses */
async function listen(
  app: FastifyInstance | undefined,
  host: string,
  port: number,
  scheme: string,
  log: Logger,
): Promise<string> {
  try {
    const address = (await app?.listen({ host, port })) ?? '';
    log.info(`listening on ${address}`);
    const isOpen = host === '0.0.0.0' || host === '::';
    if (isOpen)
      log.warn(
        `${scheme}: every machine that reaches this one can ask; --interface=127.0.0.1 keeps it local`,
      );
    return isOpen ? `${scheme}://${hostname()}:${new URL(address).port}` : address;
  } catch (error) {
    throw new ServingError(
      'wrong-use',
      `Port ${port} of ${host} cannot be listened on: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

/** Goes on until a signal, or a word in Redis, ends it. Then: first not ready, so that no balancer sends more; then no new
 *  connections; then what is being worked on. */
function run(frontend: Frontend, apps: readonly FastifyInstance[], url: string, log: Logger): void {
  const end = async () => {
    await Promise.all(apps.map((app) => app.close()));
    await presence.close();
    await frontend.close();
    log.info('stopped');
    log.flush(() => process.exit(0));
  };
  const stop = () => {
    if (frontend.stopping) return;
    frontend.stopping = true;
    log.info('stopping');
    setTimeout(() => void end(), frontend.options.drainDelay);
  };
  const stopOrExit = () => {
    if (frontend.stopping) process.exit(1);
    stop();
  };
  process.on('SIGTERM', stopOrExit);
  process.on('SIGINT', stopOrExit);
  onHangup(stopOrExit);
  const frontendId = randomBytes(6).toString('hex');
  const presence = createPresence({
    places: frontend.places,
    report: { frontendId, url, host: hostname(), pid: process.pid, startedAt: Date.now() },
    onAsked: stop,
  });
}

function loadServables({ servableManagerConfPath: path }: FrontendOptions): ServablesFile {
  if (!existsSync(path)) return { servables: [], unservedModels: [], warnings: [] };
  return readServablesFile(readText(path), path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'that is a folder; name the file in it'
          : messageOf(error);
    throw new ServingError('config-unreadable', `--servableManagerConfPath ${path}: ${why}.`, {
      cause: error,
    });
  }
}

/** The browser's part is built beside this program. */
function readScripts(): { monitor: string; docs: string } {
  const read = (name: string) => readFileSync(new URL(`web/${name}`, import.meta.url), 'utf8');
  return { monitor: read('monitor.js'), docs: read('docs.js') };
}

main().catch((error: unknown) => {
  const known = error instanceof ServingError;
  // The problems of a config are a line each.
  const text = known ? error.message.split('\n').map(printable).join('\n') : printableStack(error);
  process.stderr.write(`${text}\n`);
  process.exit(known && error.code === 'wrong-use' ? 2 : 1);
});
