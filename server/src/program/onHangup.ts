import { readFileSync } from 'node:fs';

/** Calls back when the terminal is closed (SIGHUP), unless the program was started to survive that, as `nohup` does: a
 *  listener would undo it. */
export function onHangup(listener: () => void): void {
  if (!isHangupIgnored()) process.on('SIGHUP', listener);
}

function isHangupIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    // SIGHUP is the first signal, and the lowest bit.
    return (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
  } catch {
    return false;
  }
}
