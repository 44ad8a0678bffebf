import { print, printJson, table } from '../output.ts';
import { withQueue, type PageOptions } from './options.ts';

export function waiting(name: string | undefined, options: PageOptions): Promise<number> {
  return withQueue(name, options, async ({ store, jobName }) => {
    const page = await store.queues.readWaitingPage(jobName, { count: options.count, after: options.after });
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0) print(`No record waits in "${jobName}".`);
    else {
      const rows = page.records.map(({ id, uri, at }) => [id, uri ?? '-', new Date(at).toISOString()]);
      print(table([['ID', 'URI', 'ENQUEUED'], ...rows], [0]));
      if (page.next !== undefined) print(`There are more: --after ${page.next}`);
    }
    return 0;
  });
}
