import type { App, Handler } from '../app.ts';

/** Looks at the queues anew, and not at the next interval. */
export function refreshQueues(app: App): Handler {
  return () => {
    app.queues.store.forget();
    app.queues.watcher.restart();
    return Promise.resolve();
  };
}
