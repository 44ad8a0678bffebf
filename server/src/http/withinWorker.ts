import type { Config } from '../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { frontendOptions, type FrontendOption } from '../../../schemas/programs/frontendOptions.ts';
import { openServer } from './openServer.ts';
import type { Tracing } from '../tracing/spans.ts';
import type { WorkerSide } from './reach/workerReach.ts';
import { effectiveOptions, parseCommandLine } from './setup/options.ts';
import type { LineOutput } from './setup/serverLog.ts';

export type { WorkerSide } from './reach/workerReach.ts';
export type { LineOutput } from './setup/serverLog.ts';

/* The one entry through which a worker answers HTTP itself: the room engine imports nothing else from here. */

export interface WithinWorkerSetup {
  readonly config: Config;
  readonly configPath: string;
  readonly port: number;
  /** Further options of the frontend, each `name=value`. */
  readonly given: readonly string[];
  readonly worker: WorkerSide;
  /** Where the bundles are. */
  readonly programFolder: string;
  readonly output: LineOutput;
  readonly tracing?: Tracing | undefined;
}

export interface HttpWithin {
  readonly url: string;
  /** Not ready from now on; after `drainDelay` no new requests. Resolves when all are answered. */
  stop(): Promise<void>;
}

/** Answers HTTP in this process: each request goes to the worker's model without Redis.
 *  @throws ServingError "wrong-use" for an option that is none or has no effect here, and when the port is taken */
export async function serveWithin(setup: WithinWorkerSetup): Promise<HttpWithin> {
  const { config, configPath, output, worker } = setup;
  const { given } = parseCommandLine(setup.given.map((option) => `--${option}`));
  requireMeaning(Object.keys(given));
  const options = {
    ...effectiveOptions({ given, configPath }, config, process.env),
    interface: given.interface ?? config.httpInterface,
    port: setup.port,
  };
  const server = await openServer({
    options,
    recordsEncrypted: config.recordEncrypted,
    programFolder: setup.programFolder,
    output,
    worker,
    tracing: setup.tracing,
  });
  const { frontend, url } = server;
  return {
    url,
    async stop() {
      frontend.stopping = true;
      await new Promise((resolve) => setTimeout(resolve, options.drainDelay));
      frontend.refusing = true;
      await server.closeApps();
      await frontend.close();
      output.flush();
    },
  };
}

function requireMeaning(names: readonly string[]): void {
  for (const name of names) {
    const row: FrontendOption = frontendOptions[name as keyof typeof frontendOptions];
    if (row.withinWorker !== undefined)
      throw new ServingError(
        'wrong-use',
        `The option ${name} has no effect where a worker answers HTTP: ${row.withinWorker}`,
      );
  }
}
