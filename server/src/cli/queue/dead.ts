import { paint, print, printJson, table } from '../output.ts';
import { noneText, readList, sayMore } from './readList.ts';
import { withQueue, type ListOptions } from './options.ts';

export function dead(name: string | undefined, options: ListOptions): Promise<number> {
  return withQueue(name, options, async ({ store, jobName }) => {
    const page = await readList((request) => store.queues.readDeadLetters(jobName, request), options);
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0) print(noneText(options.uri, `"${jobName}" has no dead letters.`));
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
    }
    if (!options.json) sayMore(page);
    return 0;
  });
}
