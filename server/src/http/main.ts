import '../program/closedOutput.ts';
import '../program/noInspector.ts';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { ServingError } from '../../../schemas/errors.ts';
import { printable, printableStack } from '../../../schemas/printable.ts';
import { onHangup } from '../program/onHangup.ts';
import { loadConfig } from '../workspace/loadConfig.ts';
import { openServer, version, type OpenServer } from './openServer.ts';
import { loadTracing } from '../tracing/tracing.ts';
import { effectiveOptions, helpText, parseCommandLine } from './setup/options.ts';
import { createPresence } from './watch/presence.ts';

/** The HTTP frontend: a process of its own beside the workers, which it meets in Redis only. */
async function main(): Promise<void> {
  if (process.argv.includes('--version')) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.wantsHelp) {
    process.stdout.write(helpText());
    return;
  }
  const config = commandLine.configPath === undefined ? undefined : loadConfig(commandLine.configPath).config;
  const output = pino.destination({ dest: 1, sync: true, minLength: 8_192, periodicFlush: 500 });
  const options = effectiveOptions(commandLine, config, process.env);
  const opened: { log?: OpenServer['log'] } = {};
  const tracing = await loadTracing({
    service: 'cluster-serving-http',
    env: process.env,
    job: options.redisInputQueue,
    onTrouble: (message) => {
      if (opened.log) opened.log.warn(`traces: ${message}`);
      else process.stderr.write(`traces: ${printable(message)}\n`);
    },
  });
  const server = await openServer({
    options,
    recordsEncrypted: config?.recordEncrypted ?? false,
    programFolder: dirname(fileURLToPath(import.meta.url)),
    output: {
      write: (lines) => void output.write(lines),
      flush: (done) => output.flush(done),
    },
    tracing,
  });
  opened.log = server.log;
  run(server);
}

/** Goes on until a signal, or a word in Redis, ends it. Then: first not ready, so that no balancer sends more; then no new
 *  connections; then what is being worked on. */
function run({ frontend, log, url, closeApps }: OpenServer): void {
  const end = async () => {
    await closeApps();
    await presence.close();
    await frontend.close();
    await frontend.tracing?.close();
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

main().catch((error: unknown) => {
  const known = error instanceof ServingError;
  // The problems of a config are a line each.
  const text = known ? error.message.split('\n').map(printable).join('\n') : printableStack(error);
  process.stderr.write(`${text}\n`);
  process.exit(known && error.code === 'wrong-use' ? 2 : 1);
});
