import { fstatSync } from 'node:fs';
import { onOutputClosed } from '../../program/closedOutput.ts';
import { onHangup } from '../../program/onHangup.ts';

const checkMs = 1_000;

/** Aborted by Ctrl-C, or when the reader of the output has gone. */
export function untilStopped(): AbortSignal {
  const end = new AbortController();
  const stop = () => {
    end.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  onHangup(stop);
  onOutputClosed(stop);
  if (isReadByProgram()) stopWithParent(stop);
  return end.signal;
}

/** Not on a terminal nor into a file, which are left to people. */
function isReadByProgram(): boolean {
  const output = fstatSync(process.stdout.fd);
  return output.isFIFO() || output.isSocket();
}

/** A program that was killed cannot end us, and we would notice only when we next have something to say, which may be
 *  never. On Windows a process keeps the number of a parent that has gone; there only the next write shows it. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, checkMs).unref();
}
