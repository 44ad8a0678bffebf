import { print, printJson, table } from '../output.ts';
import { noneText, readList, sayMore } from './readList.ts';
import { withQueue, type ListOptions } from './options.ts';

export function waiting(name: string | undefined, options: ListOptions): Promise<number> {
  return withQueue(name, options, async ({ store, jobName }) => {
    const page = await readList((request) => store.queues.readWaitingPage(jobName, request), options);
    if (options.json) printJson({ jobName, ...page });
    else if (page.records.length === 0) print(noneText(options.uri, `No record waits in "${jobName}".`));
    else {
      const rows = page.records.map(({ id, uri, at }) => [id, uri ?? '-', new Date(at).toISOString()]);
      print(table([['ID', 'URI', 'ENQUEUED'], ...rows], [0]));
    }
    if (!options.json) sayMore(page);
    return 0;
  });
}
