import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { FrontendOptions } from '../../../schemas/programs/frontendOptions.ts';
import { buildApp } from './app.ts';
import { createFrontend, type Frontend } from './frontend.ts';
import type { Tracing } from '../tracing/spans.ts';
import type { WorkerSide } from './reach/workerReach.ts';
import type { PageScripts } from './routes/pages.ts';
import { readKeys } from './setup/httpsKeys.ts';
import { createServerLog, type LineOutput } from './setup/serverLog.ts';
import { readServablesFile, type ServablesFile } from './setup/servablesFile.ts';
import { startUnservedModels } from './setup/unservedModels.ts';

declare const CLUSTER_SERVING_VERSION: string;

export const version = () => CLUSTER_SERVING_VERSION;

const closeIdleEveryMs = 20;

export interface ServerSetup {
  readonly options: FrontendOptions;
  /** Images in records are cipher text. */
  readonly recordsEncrypted: boolean;
  /** Where the bundles are. */
  readonly programFolder: string;
  readonly output: LineOutput;
  /** Where traces are exported. */
  readonly tracing?: Tracing | undefined;
  /** The worker that the frontend is a part of, if it is. */
  readonly worker?: WorkerSide | undefined;
}

/** A frontend that listens. */
export interface OpenServer {
  readonly frontend: Frontend;
  readonly log: Logger;
  /** Where others find it: by the name of this machine, if it listens on all addresses. */
  readonly url: string;
  /** Takes no new connections, and resolves when what is being worked on is answered. */
  readonly closeApps: () => Promise<void>;
}

/** Reads what the options name, and listens.
 *  @throws ServingError "wrong-use" when the port is taken; "config-invalid", "trust-store-unreadable" */
export async function openServer({
  options,
  output,
  programFolder,
  ...setup
}: ServerSetup): Promise<OpenServer> {
  /* V8 takes objects that often outlive a collection for long-lived and begins to make them in the old generation. Those of
     a request live for a few milliseconds, some of them across a collection; made there, each keeps what it refers to alive
     until the next full collection. */
  setFlagsFromString('--no-allocation-site-pretenuring');
  const { log, writeLine } = createServerLog(output, options.logFormat, options.redisInputQueue);
  const keys = options.httpsEnabled ? await readKeys(options) : undefined;
  const { servables, unservedModels, warnings } = loadServables(options);
  for (const warning of warnings) log.warn(warning);
  const commandLineFile = join(programFolder, 'cli.mjs');
  const frontend = createFrontend({
    options,
    version: version(),
    servables: [...servables, ...(await startUnservedModels(unservedModels, options, commandLineFile, log))],
    bodyWorkerFile: join(programFolder, 'bodyWorker.mjs'),
    recordsEncrypted: setup.recordsEncrypted,
    worker: setup.worker,
    tracing: setup.tracing,
    onTrouble: (message) => {
      if (message === null) log.info('Redis answers again');
      else log.warn(`waiting for Redis: ${message}`);
    },
  });
  await frontend.refresh();
  const shared = {
    frontend,
    log,
    scripts: readScripts(programFolder),
    writeLine,
  };
  const apps = [await buildApp(shared)];
  const closeApps = async () => {
    await Promise.all(apps.map(closeApp));
  };
  try {
    const url = await listen(apps[0], options.interface, options.port, 'http', log);
    if (keys) {
      const secure = await buildApp({ ...shared, https: keys });
      apps.push(secure);
      await listen(secure, options.interface, options.securePort, 'https', log);
    }
    output.flush();
    return { frontend, log, url, closeApps };
  } catch (error) {
    await closeApps();
    await frontend.close();
    throw error;
  }
}

/** A connection that is kept for further requests becomes idle when its last one is answered, which may be after the close
 *  has begun. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const closing = setInterval(() => app.server.closeIdleConnections(), closeIdleEveryMs);
  await app.close();
  clearInterval(closing);
}

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

function loadServables({
  servableManagerConfPath: path,
  queueUsed,
  kafkaUrl,
}: FrontendOptions): ServablesFile {
  if (!existsSync(path)) return { servables: [], unservedModels: [], warnings: [] };
  return readServablesFile(readText(path), path, { queueUsed, kafkaUrl });
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
function readScripts(programFolder: string): PageScripts {
  const read = (name: string) => readFileSync(join(programFolder, 'web', `${name}.js`), 'utf8');
  return { try: read('try'), monitor: read('monitor'), docs: read('docs') };
}
