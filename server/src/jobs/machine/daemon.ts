import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';

export interface DaemonOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder?: string;
  /** What the process prints goes here, also what native code says when it dies; undefined: to this terminal. */
  readonly logFile: string | undefined;
  /** With a channel on which it can say how its start goes. */
  readonly ipc: boolean;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Daemon {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The exit code. */
  readonly ended: Promise<number>;
  readonly hasEnded: boolean;
  /** Ends it: politely, and after `politeMs` by force. */
  end(politeMs: number): Promise<void>;
}

/** Starts a process that outlives this one, unless it writes to this terminal.
 *  Node's own spawn and not execa: execa passes a log file through its own process, which is to end first. */
export function startDaemon({ program, args, folder, logFile, ipc, env }: DaemonOptions): Daemon {
  const output = logFile === undefined ? ('inherit' as const) : openLog(logFile);
  // What it writes is private, whatever program it is.
  const umask = process.umask(0o077);
  const child = spawn(program, args, {
    ...(folder === undefined ? {} : { cwd: folder }),
    detached: logFile !== undefined,
    stdio: ['ignore', output, output, ...(ipc ? (['ipc'] as const) : [])],
    // The editor's own Node runs a script only with this variable; a plain Node ignores it.
    env: { ...process.env, ...env, ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
  });
  process.umask(umask);
  if (typeof output === 'number') closeSync(output);
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    async end(politeMs) {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), politeMs);
      await ended;
      clearTimeout(force);
    },
  };
}

function openLog(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new ServingError('state-unwritable', `The log ${file} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
