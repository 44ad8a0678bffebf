import { readDeadLetters } from '../../queue/readQueue.ts';
import { print, printJson, table } from '../output.ts';
import { withQueue, type PageOptions } from './options.ts';

export function dead(name: string | undefined, options: PageOptions): Promise<number> {
  return withQueue(name, options, async ({ redis, jobName }) => {
    const page = await readDeadLetters(redis, jobName, { count: options.count, after: options.after });
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0) print(`"${jobName}" has no dead letters.`);
    else {
      const rows = page.records.map(({ id, uri, at, deliveries, worker, consumer, reason }) => [
        id,
        uri ?? '-',
        new Date(at).toISOString(),
        String(deliveries),
        worker ?? consumer ?? '-',
        reason,
      ]);
      print(table([['ID', 'URI', 'TIME', 'DELIVERIES', 'WORKER', 'REASON'], ...rows]));
      if (page.next !== undefined) print(`There are more: --after ${page.next}`);
    }
    return 0;
  });
}
