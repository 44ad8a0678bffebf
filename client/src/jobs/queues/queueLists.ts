import type { Page } from '../../../../schemas/redis/queueReports.ts';

/** A long list of which the beginning is known. */
export interface QueueList<T> {
  /** What is known; asks for the beginning if nothing is, or if it has become old. */
  records(): Promise<Page<T>>;
  /** Asks for the part after what is known. */
  more(): Promise<void>;
  /** What is known is stale: as much of it is fetched again when it is shown. */
  outdate(): void;
}

/** The most that one page holds. */
const maxPage = 1_000;

/** @param ask  gives a page with a number of records, after this id or from the beginning
 *  @param onFresh  called when the records that were shown have turned out to be stale: the next read has the current ones */
export function createQueueList<T>(
  pageSize: number,
  ask: (count: number, after: string | undefined) => Promise<Page<T>>,
  onFresh: () => void,
): QueueList<T> {
  /** What was asked for last; undefined when it is to be asked for again. */
  let asked: Promise<Page<T>> | undefined;
  let shown: Page<T> | undefined;
  let length = pageSize;

  function fetchPage(): Promise<Page<T>> {
    const before = shown;
    const asking = ask(Math.min(maxPage, Math.max(pageSize, length)), undefined);
    asked = asking;
    asking.then(
      (page) => {
        if (asked !== asking) return;
        shown = page;
        if (before && JSON.stringify(before) !== JSON.stringify(page)) onFresh();
      },
      () => {
        if (asked !== asking) return;
        // The next look asks again.
        asked = undefined;
        shown = undefined;
        if (before) onFresh();
      },
    );
    return asking;
  }

  /** While stale records are fetched again they are shown as they were: the editor knows no rows until it is answered, and
   *  what is clicked meanwhile would go nowhere. */
  function records(): Promise<Page<T>> {
    const asking = asked ?? fetchPage();
    return shown ? Promise.resolve(shown) : asking;
  }

  return {
    records,
    async more() {
      const before = await records();
      if (before.next === undefined) return;
      const after = await ask(pageSize, before.next);
      shown = { ...after, records: [...before.records, ...after.records] };
      length = shown.records.length;
      asked = Promise.resolve(shown);
    },
    outdate() {
      asked = undefined;
    },
  };
}
