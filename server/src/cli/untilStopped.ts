/** Aborted by Ctrl-C, or when whoever reads our output has gone. */
export function untilStopped(): AbortSignal {
  const end = new AbortController();
  const stop = () => {
    end.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stdout.on('error', stop);
  return end.signal;
}
