import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether a process runs that was started with this word among its arguments: a pid alone may have been given anew. */
export function isOurProcess(pid: number, argument: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const commandLine = readCommandLine(pid);
  return commandLine === undefined || commandLine.includes(argument);
}

/** undefined where the system does not tell. */
function readCommandLine(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (process.platform === 'darwin')
      return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
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

/** Ends a process: politely, and after `politeMs` by force. @returns whether force was needed */
export async function endProcess(pid: number, argument: string, politeMs: number): Promise<boolean> {
  if (!isOurProcess(pid, argument)) return false;
  signal(pid, 'SIGTERM');
  if (await waitUntil(() => !isOurProcess(pid, argument), politeMs)) return false;
  signal(pid, 'SIGKILL');
  await waitUntil(() => !isOurProcess(pid, argument), 5_000);
  return true;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
