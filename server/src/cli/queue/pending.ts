import { print, printJson, span, table } from '../output.ts';
import { noneText, readList, sayMore } from './readList.ts';
import { withQueue, type ListOptions } from './options.ts';

export function pending(name: string | undefined, options: ListOptions): Promise<number> {
  return withQueue(name, options, async ({ store, jobName }) => {
    const page = await readList((request) => store.queues.readPending(jobName, request), options);
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0)
      print(noneText(options.uri, `No record of "${jobName}" is in flight.`));
    else {
      const rows = page.records.map(({ id, uri, consumer, worker, idleMs, deliveries }) => [
        id,
        uri ?? '-',
        worker ?? consumer,
        span(idleMs),
        String(deliveries),
      ]);
      print(table([['ID', 'URI', 'WORKER', 'IDLE', 'DELIVERIES'], ...rows], [0]));
    }
    if (!options.json) sayMore(page);
    return 0;
  });
}
