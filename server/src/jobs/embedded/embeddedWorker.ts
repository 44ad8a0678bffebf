import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { ServingError, type ErrorCode } from '../../../../schemas/errors.ts';
import type { EngineMessage, Registration } from '../../../../schemas/jobEvents.ts';
import type { RedisAddress } from '../../queue/connectRedis.ts';
import { unregister } from '../../queue/workerRegistry.ts';
import { startDaemon } from '../machine/daemon.ts';
import { endProcess } from '../machine/processes.ts';
import type { StartOptions } from '../starting.ts';

export interface StartedWorker {
  readonly ready: Promise<Registration>;
  readonly ended: Promise<number>;
  kill(redis: Redis): Promise<void>;
}

/** Starts one engine as a process of its own, which tells its steps until its first warm inference. */
export function startWorker(
  { state, loaded, engineFile, threads, foreground, onStep, signal }: StartOptions,
  address: RedisAddress,
): StartedWorker {
  const { config } = loaded;
  const workerId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  state.dropOldLogs(config.jobName);
  const logFile = state.logFile(config.jobName, workerId);
  const args = ['--config', loaded.path, '--worker', workerId, '--log', logFile];
  if (threads !== undefined) args.push('--threads', String(threads));
  const daemon = startDaemon({
    program: process.execPath,
    args: [engineFile, ...args],
    logFile: foreground ? undefined : logFile,
    ipc: true,
  });
  const { process: child, pid, ended } = daemon;

  const ready = new Promise<Registration>((resolveReady, reject) => {
    const fail = (code: string, message: string) => {
      reject(new ServingError(code as ErrorCode, message));
    };
    child.on('message', (raw) => {
      const message = raw as EngineMessage;
      if ('step' in message) {
        if (message.step === 'model' || message.step === 'warm-up') onStep(message.step);
      } else if ('failed' in message) fail(message.failed.code, message.failed.message);
      else {
        state.saveJob({ ...message.ready, redis: { host: address.host, port: address.port } });
        if (!foreground) child.unref();
        resolveReady(message.ready);
      }
    });
    void ended.then((code) => {
      fail('job-failed', `The worker ended with code ${code} before it was ready. Its log: ${logFile}`);
    });
    signal.addEventListener('abort', () => {
      fail('job-failed', 'The start was cancelled.');
    });
  });
  return {
    ready,
    ended,
    async kill(redis) {
      await endProcess(pid, workerId, 2_000);
      await unregister(redis, workerId);
      state.forgetJob(workerId);
    },
  };
}
