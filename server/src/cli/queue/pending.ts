import { print, printJson, span, table } from '../output.ts';
import { withQueue, type PageOptions } from './options.ts';

export function pending(name: string | undefined, options: PageOptions): Promise<number> {
  return withQueue(name, options, async ({ store, jobName }) => {
    const page = await store.queues.readPending(jobName, { count: options.count, after: options.after });
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0) print(`No record of "${jobName}" is in flight.`);
    else {
      const rows = page.records.map(({ id, uri, consumer, worker, idleMs, deliveries }) => [
        id,
        uri ?? '-',
        worker ?? consumer,
        span(idleMs),
        String(deliveries),
      ]);
      print(table([['ID', 'URI', 'WORKER', 'IDLE', 'DELIVERIES'], ...rows], [0]));
      if (page.next !== undefined) print(`There are more: --after ${page.next}`);
    }
    return 0;
  });
}
