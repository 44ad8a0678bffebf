import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Decides by the whole arguments of a running process, its program first, whether it is the one that is meant. A pid alone
 *  proves nothing: it may have been given to another process since, and anyone who can write to Redis can name any pid. */
export type Proof = (words: readonly string[]) => boolean;

/** A host's name, and eight digits that `startWorker` draws. */
const workerIdForm = /^[\w.-]{1,255}-[0-9a-f]{8}$/;

/** The process is the worker of this id: `node …/engine.mjs … --worker <id> …`. */
export function isWorkerProcess(workerId: string): Proof {
  if (!workerIdForm.test(workerId)) return () => false;
  return (words) => {
    const engine = words.findIndex((word) => baseName(word) === 'engine.mjs');
    const option = words.indexOf('--worker', engine + 1);
    return engine > 0 && option > 0 && words[option + 1] === workerId;
  };
}

/** The process is a Redis on this port: it shows the config file that it was given, and calls itself
 *  `redis-server <address>:<port>` as soon as it listens. */
export function isRedisProcess(port: number, configFile: string): Proof {
  return ([program = '', ...words]) =>
    baseName(program) === 'redis-server' &&
    words.some((word) => word.endsWith(`:${port}`) || word === configFile);
}

/** The process is a Java of Flink that was started to write below this folder, as `-Dlog.file=<folder>/…`. */
export function isFlinkProcess(folder: string): Proof {
  return ([program = '', ...words]) =>
    baseName(program) === 'java' && words.join(' ').includes(`=${folder}/`);
}

function baseName(path: string): string {
  return (
    path
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.exe$/i, '') ?? ''
  );
}

/** Whether a process of this pid runs, and by its arguments is the one that is meant.
 *  @returns undefined where the system shows no arguments, as Windows does */
export function isProcess(pid: number, proof: Proof): boolean | undefined {
  // 0 and negative numbers would mean whole groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const words = readArguments(pid);
  return words && proof(words);
}

/** undefined where the system does not say. */
function readArguments(pid: number): readonly string[] | undefined {
  try {
    // A program that renames itself, as Redis does, leaves one text in place of its arguments.
    if (process.platform === 'linux') {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
      return words.length === 1 ? (words[0] ?? '').split(' ') : words;
    }
    if (process.platform === 'darwin')
      return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
        .trimEnd()
        .split(' ');
  } catch {
    return [];
  }
  return undefined;
}

/** Asks again until the condition holds. @returns whether it did in time */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface EndOptions {
  /** By force after that. */
  readonly politeMs: number;
  /** Where the system shows no arguments: whether a file of this machine's state folder names the process. */
  readonly isOnRecord: boolean;
}

/** Ends a process that is proven to be the one that is meant; any other is left alone.
 *  @returns whether force was needed */
export async function endProcess(
  pid: number,
  proof: Proof,
  { politeMs, isOnRecord }: EndOptions,
): Promise<boolean> {
  const runs = () => isProcess(pid, proof) ?? isOnRecord;
  if (!runs()) return false;
  signal(pid, 'SIGTERM');
  if (await waitUntil(() => !runs(), politeMs)) return false;
  signal(pid, 'SIGKILL');
  await waitUntil(() => !runs(), 5_000);
  return true;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
