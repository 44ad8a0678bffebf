import type { App, Handler } from '../../app.ts';

/** Looks at the queues now, and not at the next interval. */
export function refreshQueues(app: App): Handler {
  return () => {
    app.queues.watcher.restart();
    return Promise.resolve();
  };
}
