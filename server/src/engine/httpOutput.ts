import type { LineOutput } from '../http/withinWorker.ts';
import { openRotatingFile, type FileLimits } from '../logs/rotatingFile.ts';

/** Lines are kept until there are this many characters, or for this time: a write for each request would cost more than the
 *  request. */
const chunkLength = 8_192;
const keptMs = 500;

/** The log of the requests that a worker answers over HTTP: a file, which is moved aside when it is full, or the standard
 *  output. A full disk loses lines, never the job.
 *  @throws ServingError "state-unwritable" */
export function openHttpOutput(file: string | undefined, limits: FileLimits): LineOutput {
  const target = file === undefined ? process.stdout : openRotatingFile(file, limits);
  let kept = '';
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const lines = kept;
    kept = '';
    try {
      if (lines !== '') target.write(lines);
    } catch {
      // They are lost, as lines of the worker's own log are then.
    }
  }

  return {
    write(lines) {
      kept += lines;
      if (kept.length >= chunkLength) flush();
      else timer ??= setTimeout(flush, keptMs).unref();
    },
    flush(done) {
      flush();
      done?.();
    },
  };
}
