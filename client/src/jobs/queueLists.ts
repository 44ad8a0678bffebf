import type { Page } from '../../../schemas/queueReports.ts';

/** A long list of which the beginning is known. */
export interface QueueList<T> {
  /** What is known; asks for the beginning if nothing is, or if it has become old. */
  records(): Promise<Page<T>>;
  /** Asks for the part after what is known. */
  more(): Promise<void>;
  /** What is known has become old: as much of it is asked for again when somebody looks. */
  outdate(): void;
}

/** The most that one page holds. */
const maxPage = 1_000;

/** @param ask  gives a page of so many records, after this id or from the beginning */
export function createQueueList<T>(
  pageSize: number,
  ask: (count: number, after: string | undefined) => Promise<Page<T>>,
): QueueList<T> {
  let known: Promise<Page<T>> | undefined;
  let length = pageSize;

  function first(): Promise<Page<T>> {
    const asked = ask(Math.min(maxPage, Math.max(pageSize, length)), undefined);
    known = asked;
    asked.catch(() => {
      // The next look asks again.
      if (known === asked) known = undefined;
    });
    return asked;
  }

  return {
    records: () => known ?? first(),
    async more() {
      const before = await (known ?? first());
      if (before.next === undefined) return;
      const after = await ask(pageSize, before.next);
      const records = [...before.records, ...after.records];
      length = records.length;
      known = Promise.resolve({ ...after, records });
    },
    outdate() {
      known = undefined;
    },
  };
}
