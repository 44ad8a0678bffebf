/** Anything that fills rows of a batch. */
export interface Batchable {
  readonly rows: number;
  readonly key: string;
  /** Where it comes from: sources share the model fairly. Compared by identity. */
  readonly source?: object | undefined;
}

export interface Batcher<T extends Batchable> {
  add(item: T, nowMs: number): void;
  /** The next batch that may go now, oldest group first: full, or waited long enough. */
  next(nowMs: number): T[] | undefined;
  /** When the next batch will be ready though nothing is added; undefined if none waits. */
  readonly readyAt: number | undefined;
}

/** The items of one source in one group. */
interface Lane<T> {
  readonly source: Source;
  items: T[];
}

interface Group<T> {
  readonly lanes: Lane<T>[];
  rows: number;
  readonly since: number;
}

/** What is known of a source, whatever the keys of its items. */
interface Source {
  waiting: number;
  /** Rows that it had, and those that it let pass while it had nothing to run. */
  served: number;
}

/** Collects items of equal key. A batch is closed by size, or by time since its first item; with `waitMs` 0 whatever is
 *  there may go as soon as the model is free, so under load batches grow by themselves while the model is busy.
 *  Sources that wait at the same time get equally many rows, however much each has: none waits behind all that another
 *  brought. What a source did not use while it had nothing is not saved up.
 *  @param maxRows  no batch has more rows, except that an item of more rows goes alone */
export function createBatcher<T extends Batchable>({
  maxRows,
  waitMs,
}: {
  maxRows: number;
  waitMs: number;
}): Batcher<T> {
  const groups = new Map<string, Group<T>>();
  const sources = new Map<object | undefined, Source>();

  function sourceOf(item: T): Source {
    const known = sources.get(item.source);
    if (known) return known;
    const made = { waiting: 0, served: 0 };
    sources.set(item.source, made);
    return made;
  }

  /** One that had nothing begins level with the one that is furthest behind. */
  function wake(source: Source): void {
    let least = Infinity;
    for (const { waiting, served } of sources.values()) if (waiting > 0) least = Math.min(least, served);
    if (least !== Infinity) source.served = Math.max(source.served, least);
  }

  /** The first group that may go, where it can be one with items of the source whose turn it is. */
  function nextGroup(nowMs: number): [string, Group<T>] | undefined {
    let first: [string, Group<T>] | undefined;
    let firstServed = Infinity;
    for (const entry of groups) {
      const [, group] = entry;
      if (group.rows < maxRows && nowMs < group.since + waitMs) continue;
      if (sources.size === 1) return entry;
      for (const { source } of group.lanes)
        if (source.served < firstServed) {
          first = entry;
          firstServed = source.served;
        }
    }
    return first;
  }

  return {
    add(item, nowMs) {
      const source = sourceOf(item);
      if (source.waiting === 0) wake(source);
      source.waiting += 1;
      let group = groups.get(item.key);
      if (!group) groups.set(item.key, (group = { lanes: [], rows: 0, since: nowMs }));
      group.rows += item.rows;
      const lane = group.lanes.find((one) => one.source === source);
      if (lane) lane.items.push(item);
      else group.lanes.push({ source, items: [item] });
    },
    next(nowMs) {
      const found = nextGroup(nowMs);
      if (!found) return undefined;
      const [key, { lanes, rows: all, since }] = found;
      const batch = fill(lanes, maxRows);
      const left = lanes.filter(({ items }) => items.length > 0);
      // What is left has waited already; it goes to the end of the line, so that no shape starves another.
      groups.delete(key);
      const rows = batch.reduce((sum, item) => sum + item.rows, 0);
      if (left.length > 0) groups.set(key, { lanes: left, rows: all - rows, since });
      return batch;
    },
    get readyAt() {
      const [first] = [...groups.values()].map(({ since }) => since + waitMs).sort((a, b) => a - b);
      return first;
    },
  };
}

/** Takes items out of the lanes, each time from the one whose source had the fewest rows. A lane whose next item does not
 *  fit has had its share of this batch. */
function fill<T extends Batchable>(lanes: readonly Lane<T>[], maxRows: number): T[] {
  const batch: T[] = [];
  const taken = lanes.map(() => 0);
  let open = lanes.map((_, i) => i);
  let rows = 0;
  for (;;) {
    let turn: number | undefined;
    for (const i of open) if (turn === undefined || servedBy(lanes, i) < servedBy(lanes, turn)) turn = i;
    if (turn === undefined) break;
    const at = turn;
    const lane = lanes[at] as Lane<T>;
    const item = lane.items[taken[at] ?? 0];
    if (!item || (batch.length > 0 && rows + item.rows > maxRows)) {
      open = open.filter((i) => i !== at);
      continue;
    }
    batch.push(item);
    rows += item.rows;
    taken[at] = (taken[at] ?? 0) + 1;
    lane.source.served += item.rows;
  }
  lanes.forEach((lane, i) => {
    const count = taken[i] ?? 0;
    lane.source.waiting -= count;
    lane.items = count === lane.items.length ? [] : lane.items.slice(count);
  });
  return batch;
}

function servedBy<T>(lanes: readonly Lane<T>[], i: number): number {
  return lanes[i]?.source.served ?? 0;
}
