import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** Names one process: a number alone is given again, at the latest after the machine has started again. */
export interface ProcessName {
  readonly pid: number;
  /** Where the number means this process: a boot of a machine, and the container in it. */
  readonly space: string;
  /** When the process started, as the system counts it. */
  readonly began: string;
}

export function thisProcess(): ProcessName {
  return { pid: process.pid, space: processSpace(), began: beganOf(process.pid) ?? '' };
}

/** @returns undefined where that cannot be seen from here, as of a process in another container */
export function isRunning({ pid, space, began }: ProcessName): boolean | undefined {
  if (space !== processSpace()) return undefined;
  return beganOf(pid) === began;
}

export function isProcessName(value: unknown): value is ProcessName {
  const { pid, space, began } = (value ?? {}) as Partial<ProcessName>;
  return (
    Number.isInteger(pid) && (pid as number) > 0 && typeof space === 'string' && typeof began === 'string'
  );
}

function processSpace(): string {
  if (process.platform !== 'linux') return process.platform;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** undefined: there is no such process. */
function beganOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    if (process.platform === 'linux') {
      // The name in brackets may hold blanks and brackets; behind it the start is the twentieth word.
      const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      // One that has ended and was not yet waited for does nothing more.
      return words[0] === 'Z' ? undefined : (words[19] ?? '');
    }
    if (process.platform === 'darwin')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
  return '';
}
