import type { App, Handler } from '../../../app.ts';
import { noFilter } from '../../../views/arrange/filter.ts';

/** Shows all jobs again. */
export function clearFilter({ arrangement }: App): Handler {
  return () => {
    arrangement.setFilter(noFilter);
    return Promise.resolve();
  };
}
