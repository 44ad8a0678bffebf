/** What ends a worker, or asks it for what SIGHUP stands for. */
export interface Signals {
  readonly stop: () => void;
  readonly hangUp: () => void;
}

/** A stop may be asked for before there is something to stop. */
export interface StopSwitch {
  readonly stop: () => void;
  /** Aborted when it is asked. */
  readonly asked: AbortSignal;
  /** From now on the process lets itself be stopped. */
  listen(): void;
  /** Calls `stop` once, when it is asked for or if it was. */
  onStop(stop: () => void): void;
  /** What SIGHUP does from now on; before that it is a stop. */
  onHangUp(hangUp: () => void): void;
}

export function createStopSwitch(onStoppable: (signals: Signals) => void): StopSwitch {
  const asked = new AbortController();
  const stop = () => asked.abort();
  let hangUp = stop;
  let listens = false;
  return {
    stop,
    asked: asked.signal,
    listen() {
      if (!listens) onStoppable({ stop, hangUp: () => hangUp() });
      listens = true;
    },
    onStop(stop) {
      if (asked.signal.aborted) stop();
      else asked.signal.addEventListener('abort', stop);
    },
    onHangUp(given) {
      hangUp = given;
    },
  };
}
