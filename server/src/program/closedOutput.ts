/* The reader of a program's output may go before it ends, as `head` does; a terminal may be closed. What the program does
   is worth doing all the same, so it goes on in silence and ends with the exit code that its work deserves. */

const gone = ['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];
let isOutputClosed = false;
const listeners = new Set<() => void>();

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!gone.includes(error.code ?? '')) throw error;
    if (stream !== process.stdout || isOutputClosed) return;
    isOutputClosed = true;
    for (const listener of listeners) listener();
  });

/** Calls back once the reader of the standard output has gone: for a program that has nothing to do but print. */
export function onOutputClosed(listener: () => void): void {
  if (isOutputClosed) listener();
  else listeners.add(listener);
}
