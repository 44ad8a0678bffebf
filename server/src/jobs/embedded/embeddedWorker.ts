import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { messageOf, ServingError, type ErrorCode } from '../../../../schemas/errors.ts';
import type { EngineMessage, Registration, SharingReport } from '../../../../schemas/jobEvents.ts';
import { logSettingsOption, type LogSettings } from '../../../../schemas/logs.ts';
import { workerOptionsVariable } from '../../../../schemas/programs/frontendOptions.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { storeText, type StoreAddress } from '../../queue/storeAddress.ts';
import type { Registry } from '../../queue/store.ts';
import { startDaemon } from '../machine/daemon.ts';
import { httpLogOf, outputLogOf, type JobRecord } from '../machine/stateFolder.ts';
import type { StartOptions } from '../start/starting.ts';

export interface StartedWorker {
  readonly ready: Promise<ReadyWorker>;
  readonly ended: Promise<number>;
  kill(registry: Registry): Promise<void>;
}

export interface ReadyWorker {
  readonly registration: Registration;
  readonly httpUrl?: string;
  readonly sharing: SharingReport;
  /** Sentences. */
  readonly lossyOutputs: readonly string[];
}

/** Starts one engine as a process of its own, which reports its steps until its first warm inference. */
export function startWorker(options: StartOptions, address: StoreAddress): StartedWorker {
  const { state, loaded, programs, threads, http, foreground, onStep, onNeeds, waits, signal } = options;
  const { config } = loaded;
  const workerId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  state.dropOldLogs(config.jobName);
  const logFile = state.logFile(config.jobName, workerId);
  const args = ['--config', loaded.path, '--worker', workerId, '--log', logFile];
  if (threads !== undefined) args.push('--threads', String(threads));
  if (http?.port !== undefined) args.push('--http-port', String(http.port));
  args.push(`--${logSettingsOption}`, JSON.stringify(logSettings(options)));
  // In the foreground it is printed, as that of a frontend is.
  if (!foreground) args.push('--http-log', httpLogOf(logFile), '--output-log', outputLogOf(logFile));
  // Clients of a worker that answers HTTP have no other to turn to.
  const isSupervised = (http?.port ?? config.httpPort) >= 0;
  const daemon = startDaemon({
    program: process.execPath,
    args: [...(isSupervised ? [programs.supervisor] : []), programs.engine, ...args],
    logFile: foreground ? undefined : outputLogOf(logFile),
    ipc: true,
    env: { [workerOptionsVariable]: JSON.stringify(http?.options ?? []) },
  });
  const { process: child, ended } = daemon;
  return { ready: awaitReady(), ended, kill };

  async function kill(registry: Registry): Promise<void> {
    await daemon.end(2_000);
    await registry.unregister(workerId);
    state.forgetJob(workerId);
  }

  function awaitReady(): Promise<ReadyWorker> {
    let isWarming = false;
    let isWaiting = false;
    const timers: NodeJS.Timeout[] = [];
    const clear = () => {
      for (const timer of timers) clearTimeout(timer);
    };
    const ready = new Promise<ReadyWorker>((resolveReady, reject) => {
      const fail = (code: ErrorCode, message: string) => {
        reject(new ServingError(code, message));
      };
      const failAfter = (ms: number, message: string) => {
        timers.push(setTimeout(() => fail('job-failed', message), ms));
      };
      const failUnlessReady = () =>
        failAfter(
          startLimits.readyMs,
          `The worker was not ready within ${startLimits.readyMs / 1000} s. Its log: ${logFile}`,
        );
      failUnlessReady();
      child.on('message', (raw) => {
        const message = raw as EngineMessage;
        if ('needs' in message) {
          // There is no limit to how long a secret may take.
          clear();
          isWaiting = true;
          if (waits) onNeeds(message.needs);
          else fail(message.needs.code, message.needs.message);
        } else if ('step' in message) {
          if (isWaiting) failUnlessReady();
          isWaiting = false;
          if (message.step === 'model' || message.step === 'warm-up') onStep(message.step);
          isWarming = message.step === 'warm-up';
          if (isWarming) failAfter(startLimits.warmUpMs, tooSlowToWarm(config.batchSize));
        } else if ('failed' in message) fail(message.failed.code as ErrorCode, message.failed.message);
        else
          try {
            state.saveJob({ ...message.ready, ...placeOf(address) });
            if (!foreground) child.unref();
            const { ready: registration, ...found } = message;
            resolveReady({ registration, ...found });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(messageOf(error)));
          }
      });
      void ended.then((code) => {
        if (isWaiting && code === 0)
          fail('job-failed', 'The job was stopped while it waited for the secret of its model.');
        const where = isWarming
          ? `while the model was warmed with batchSize ${config.batchSize}`
          : 'before it was ready';
        fail('job-failed', `The worker ended with code ${code} ${where}. Its log: ${logFile}`);
      });
      signal.addEventListener('abort', () => {
        fail('job-failed', 'The start was cancelled.');
      });
    });
    ready.then(clear, clear);
    return ready;
  }
}

/** With the name of the job: its lines say it before the config is read. */
function logSettings({
  loaded,
  logFormat,
  foreground,
}: StartOptions): LogSettings & { readonly job: string } {
  const { config } = loaded;
  return {
    job: config.jobName,
    format: logFormat ?? config.logFormat,
    maxBytes: config.logMaxMegabytes * 1_000_000,
    files: config.logFiles,
    printed: foreground,
  };
}

/** Where the queue is, for the record of the worker. */
function placeOf(address: StoreAddress): Pick<JobRecord, 'redis' | 'store'> {
  if (address.kind === undefined) return { redis: { host: address.host, port: address.port } };
  const [first = { host: '', port: 0 }] = address.brokers;
  return { redis: first, store: storeText(address) };
}

function tooSlowToWarm(batchSize: number): string {
  return `The model was not warm within ${startLimits.warmUpMs / 1000} s. Its first runs, of up to batchSize ${batchSize} rows, take too long: lower batchSize, or choose a smaller model.`;
}
