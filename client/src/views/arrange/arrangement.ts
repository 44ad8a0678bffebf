import type { Memento } from 'vscode';
import { noFilter, type Filter } from './filter.ts';
import { groupings, type Grouping } from './groups.ts';

/** Which jobs the view shows, and in which groups. Groups are kept with the workspace; a filter ends with the window, for a
 *  job that is not there must never be a surprise. */
export interface Arrangement {
  filter(): Filter;
  setFilter(filter: Filter): void;
  /** Undefined for one list of all. */
  grouping(): Grouping | undefined;
  setGrouping(grouping: Grouping | undefined): Promise<void>;
  /** @returns whether groups are to be offered: once in a workspace, and not where there are groups */
  takeOffer(): boolean;
  onChange(listener: () => void): { dispose(): void };
}

const groupingKey = 'jobsGroupedBy';
const offeredKey = 'jobGroupsOffered';

export function createArrangement(memento: Memento): Arrangement {
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  let filter = noFilter;
  // What another version has kept may be no grouping of this one.
  const grouping = () => groupings.find((one) => one === memento.get<string>(groupingKey));
  return {
    filter: () => filter,
    setFilter(next) {
      filter = next;
      notify();
    },
    grouping,
    async setGrouping(next) {
      await memento.update(groupingKey, next);
      notify();
    },
    takeOffer() {
      if (grouping() !== undefined || memento.get<boolean>(offeredKey) === true) return false;
      void memento.update(offeredKey, true);
      return true;
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
