import { paint, print, printJson, table } from '../output.ts';
import { withQueue, type PageOptions } from './options.ts';

export function dead(name: string | undefined, options: PageOptions): Promise<number> {
  return withQueue(name, options, async ({ store, jobName }) => {
    const page = await store.queues.readDeadLetters(jobName, { count: options.count, after: options.after });
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0) print(`"${jobName}" has no dead letters.`);
    else {
      const rows = page.records.map(({ id, uri, at, deliveries, worker, consumer }) => [
        id,
        uri ?? '-',
        new Date(at).toISOString(),
        String(deliveries),
        worker ?? consumer ?? '-',
      ]);
      const [head, ...lines] = table([['ID', 'URI', 'TIME', 'DELIVERIES', 'WORKER'], ...rows], [0]);
      print(head ?? '');
      page.records.forEach(({ reason }, i) => {
        print(lines[i] ?? '');
        print(paint('red', `  ${reason}`));
      });
      if (page.next !== undefined) print(`There are more: --after ${page.next}`);
    }
    return 0;
  });
}
