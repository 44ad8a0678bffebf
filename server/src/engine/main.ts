import '../model/silence.ts';
import '../program/closedOutput.ts';
import '../program/noInspector.ts';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { EngineMessage } from '../../../schemas/jobEvents.ts';
import { logSettingsOption } from '../../../schemas/logs.ts';
import { workerOptionsVariable } from '../../../schemas/programs/frontendOptions.ts';
import { onHangup } from '../program/onHangup.ts';
import { loadTracing } from '../tracing/tracing.ts';
import { watchTerminal } from '../program/watchTerminal.ts';
import { openHttpOutput } from './httpOutput.ts';
import { boundOutput } from '../logs/boundOutput.ts';
import { openLog, type Log } from './log.ts';
import { readLogOptions } from '../logs/logOptions.ts';
import { runWorker } from './embeddedWorker.ts';

// One worker of one job: a process of its own, started by the jobs room and stopped by SIGTERM or by a key in Redis.
// Until it is ready it reports its steps over IPC; if the process that started it goes away before that, it ends too.

/** @param isSupervised  what has started it goes on, and the worker ends with it */
function report(message: EngineMessage, isSupervised: boolean): void {
  if (!process.connected) return;
  process.send?.(message);
  if (isSupervised || !('ready' in message)) return;
  process.removeListener('disconnect', leave);
  process.disconnect();
}

/** Nothing is in flight yet, and an exit would wait for a model that is being loaded. */
function leave(): void {
  process.kill(process.pid, 'SIGKILL');
}

/* Payloads are decoded into pooled memory, which comes in pieces of 8 kB by default: a piece for every few records, each
   with its cost in garbage collection. */
Buffer.poolSize = 64 * 1024;

async function main(): Promise<void> {
  if (process.connected) process.on('disconnect', leave);
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: '' },
      worker: { type: 'string', default: '' },
      log: { type: 'string', default: '' },
      threads: { type: 'string' },
      'http-port': { type: 'string' },
      'http-log': { type: 'string' },
      'output-log': { type: 'string' },
      [logSettingsOption]: { type: 'string' },
      attempt: { type: 'string' },
      'registered-pid': { type: 'string' },
    },
  });
  const { settings, owner } = readLogOptions(process.argv.slice(2));
  const supervisorPid = numberOf(values['registered-pid']);
  const isSupervised = supervisorPid !== undefined;
  const programFolder = dirname(fileURLToPath(import.meta.url));
  const httpOptions = JSON.parse(process.env[workerOptionsVariable] ?? '[]') as readonly string[];
  // They may hold secrets, and are for none that this process starts.
  Reflect.deleteProperty(process.env, workerOptionsVariable);
  let log: Log | undefined;
  const failed = (error: unknown) => {
    log?.error('ended', error);
    const code = error instanceof ServingError ? error.code : 'job-failed';
    report({ failed: { code, message: messageOf(error) } }, isSupervised);
    process.exit(1);
  };
  process.on('uncaughtException', failed);
  try {
    mkdirSync(dirname(values.log), { recursive: true, mode: 0o700 });
    log = openLog(values.log, settings, owner);
    if (values['output-log'] !== undefined) boundOutput(values['output-log'], settings.maxBytes);
    const worker = log;
    const tracing = await loadTracing({
      service: 'cluster-serving-worker',
      job: owner.job,
      env: process.env,
      onTrouble: (message) => worker.warn(`traces: ${message}`),
    });
    await runWorker({
      configPath: values.config,
      workerId: values.worker,
      logFile: values.log,
      threads: numberOf(values.threads),
      http: {
        port: numberOf(values['http-port']),
        given: httpOptions,
        output: () => openHttpOutput(values['http-log'], settings),
        programFolder,
      },
      modelWorkerFile: join(programFolder, 'modelWorker.mjs'),
      imageWorkerFile: join(programFolder, 'imageWorker.mjs'),
      log,
      tracing,
      attempt: numberOf(values.attempt) ?? 1,
      pid: supervisorPid ?? process.pid,
      report: (message) => report(message, isSupervised),
      onStoppable: ({ stop, hangUp }) => {
        process.on('SIGTERM', stop);
        process.on('SIGINT', stop);
        onHangup(hangUp);
      },
      hasLostTerminal: watchTerminal(),
    });
    await tracing?.close();
    process.exit(0);
  } catch (error) {
    failed(error);
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

void main();
