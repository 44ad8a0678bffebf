import { join } from 'node:path';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { shareFiles } from './shareFiles.ts';

/** What workers on Flink run on takes a while to fetch and to pack: the tests do it once. */
const kept = join(root, '.cache', 'flink-program');

/** A place of a test's own that begins with what an earlier start has put together. */
export function openFlinkWorkshop(name?: string): Workshop {
  const shop = openWorkshop(name);
  const own = join(shop.state, 'flink-program');
  shareFiles(kept, own);
  return {
    ...shop,
    async close() {
      shareFiles(own, kept);
      await shop.close();
    },
  };
}
