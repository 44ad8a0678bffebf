import type { ModelThread, ModelThreadOptions } from './modelThread.ts';
import { runtimeTable } from './runtimes/runtimes.ts';
import type { SessionHost } from './session.ts';

export type ModelApartOptions = Pick<ModelThreadOptions, 'runtime' | 'session' | 'onDeath'> &
  Pick<SessionHost, 'onPrint'>;

/** A copy of the model in a process of its own, which a runtime starts: it needs no thread here. */
export function startModelApart({ runtime, session, onDeath, onPrint }: ModelApartOptions): ModelThread {
  const row = runtimeTable[runtime];
  const giveUp = new AbortController();
  const opened = row.load(session, { onDeath, onPrint, signal: giveUp.signal });
  let busy = 0;
  const loaded = opened.then(
    ({ inputs, outputs, labels, notes }) => ({ inputs, outputs, labels, notes }),
    (error: unknown) => {
      throw row.explain(error, session.source);
    },
  );
  // A copy that fails after another one did has no caller left.
  loaded.catch(() => undefined);
  return {
    loaded,
    get busy() {
      return busy;
    },
    async run(feeds) {
      busy += 1;
      try {
        return await (await opened).run(feeds);
      } finally {
        busy -= 1;
      }
    },
    async close() {
      giveUp.abort();
      await opened.then(
        (session) => session.release(),
        () => undefined,
      );
    },
  };
}
