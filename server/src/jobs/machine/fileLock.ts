import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ServingError } from '../../../../schemas/errors.ts';
import { isProcessName, isRunning, thisProcess, type ProcessName } from './processName.ts';
import { unwritable } from './stateFolder.ts';

export interface FileLockOptions {
  readonly file: string;
  readonly waitMs: number;
  /** What the holder does, for the error. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
}

const retryMs = 20;
/** What is written within one turn is complete after this long, or its writer has died in it. */
const turnMs = 10_000;

/** Runs `use` while no other process of this machine runs anything under the same lock. The lock is a file that names the
 *  process which holds it; one that has died holds it no more.
 *  @throws ServingError "job-failed" when another holds it for too long, "state-unwritable" */
export async function withFileLock<T>(options: FileLockOptions, use: () => Promise<T>): Promise<T> {
  const { file, waitMs, doing, signal } = options;
  const end = performance.now() + waitMs;
  let held = take(file, waitMs);
  while (held === undefined) {
    if (signal?.aborted) throw new ServingError('job-failed', 'The start was cancelled.');
    if (performance.now() > end)
      throw new ServingError(
        'job-failed',
        `Another process (pid ${readHolder(file)?.pid ?? 'unknown'}) has been ${doing} for more than ${waitMs / 1000} s. Its lock is ${file}.`,
      );
    await pause(retryMs);
    held = take(file, waitMs);
  }
  try {
    return await use();
  } finally {
    if (textOf(file) === held) rmSync(file, { force: true });
  }
}

/** @returns what stands in the file now that it is held, or undefined while another holds it */
function take(file: string, waitMs: number): string | undefined {
  const created = create(file);
  if (created !== undefined || !isLeft(file, waitMs)) return created;
  // Of two that find a holder dead one only may remove its file: the second would remove the lock of the first.
  const guard = `${file}.guard`;
  if (create(guard) === undefined) {
    if (ageMs(guard) > turnMs) rmSync(guard, { force: true });
    return undefined;
  }
  try {
    if (!isLeft(file, waitMs)) return undefined;
    rmSync(file, { force: true });
    return create(file);
  } finally {
    rmSync(guard, { force: true });
  }
}

function create(file: string): string | undefined {
  const text = JSON.stringify(thisProcess());
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    // A full disk has room for the name of a file and not for what is in it.
    if (textOf(file) === '') rmSync(file, { force: true });
    throw unwritable(file, error);
  }
}

/** Whether the holder has died. Of one in another container that cannot be seen: there no lock is held for long. */
function isLeft(file: string, waitMs: number): boolean {
  const holder = readHolder(file);
  if (!holder) return ageMs(file) > turnMs;
  return !(isRunning(holder) ?? ageMs(file) < 4 * waitMs);
}

function readHolder(file: string): ProcessName | undefined {
  try {
    const holder: unknown = JSON.parse(textOf(file) ?? '');
    return isProcessName(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** 0 where there is no such file. */
function ageMs(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
