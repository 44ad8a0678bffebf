/** Anything that fills rows of a batch. */
export interface Batchable {
  readonly rows: number;
  readonly key: string;
}

export interface Batcher<T extends Batchable> {
  add(item: T, nowMs: number): void;
  /** The next batch that may go now, oldest group first: full, or waited long enough. */
  next(nowMs: number): T[] | undefined;
  /** When the next batch will be ready though nothing is added; undefined if none waits. */
  readonly readyAt: number | undefined;
}

interface Group<T> {
  readonly items: T[];
  rows: number;
  readonly since: number;
}

/** Collects items of equal key. A batch is closed by size, or by time since its first item; with `waitMs` 0 whatever is
 *  there may go as soon as the model is free, so under load batches grow by themselves while the model is busy.
 *  @param maxRows  no batch has more rows, except that an item of more rows goes alone */
export function createBatcher<T extends Batchable>({
  maxRows,
  waitMs,
}: {
  maxRows: number;
  waitMs: number;
}): Batcher<T> {
  const groups = new Map<string, Group<T>>();
  return {
    add(item, nowMs) {
      const group = groups.get(item.key);
      if (group) {
        group.items.push(item);
        group.rows += item.rows;
      } else groups.set(item.key, { items: [item], rows: item.rows, since: nowMs });
    },
    next(nowMs) {
      for (const [key, group] of groups) {
        if (group.rows < maxRows && nowMs < group.since + waitMs) continue;
        let rows = group.items[0]?.rows ?? 0;
        let count = 1;
        while (count < group.items.length) {
          const more = group.items[count]?.rows ?? 0;
          if (rows + more > maxRows) break;
          rows += more;
          count += 1;
        }
        const batch = group.items.splice(0, count);
        // What is left has waited already; it goes to the end of the line, so that no shape starves another.
        groups.delete(key);
        if (group.items.length > 0)
          groups.set(key, { items: group.items, rows: group.rows - rows, since: group.since });
        return batch;
      }
      return undefined;
    },
    get readyAt() {
      const [first] = [...groups.values()].map(({ since }) => since + waitMs).sort((a, b) => a - b);
      return first;
    },
  };
}
