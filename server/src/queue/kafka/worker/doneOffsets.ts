/** Offsets from `from` up to, and without, `to`. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** Which offsets of a partition are done. An offset is committed only when every record before it is done: what is beyond it is
 *  kept as ranges, so that the next owner of the partition does not answer those again. */
export interface DoneOffsets {
  /** The first offset that is not done: what the group may commit. */
  readonly committable: number;
  /** Where the next fetch begins: everything below is seen. */
  readonly position: number;
  /** The ranges of what is done at or beyond `committable`, in order. */
  answered(): readonly OffsetRange[];
  /** Whether an offset that was not seen yet is known to be done. */
  isDone(offset: number): boolean;
  /** Takes note of records that are to be done, in order, and where the next fetch begins: all else below that is done, such as
   *  offsets of which a compaction has left nothing. */
  see(offsets: readonly number[], position: number): void;
  /** Notes that a record is done. What was not seen, or is done already, changes nothing. @returns whether it was to be done */
  finish(offset: number): boolean;
}

/** @param from  what is committed @param answered  what is known to be done beyond that, in order */
export function createDoneOffsets(from: number, answered: readonly OffsetRange[]): DoneOffsets {
  /** In order, as they were seen so. */
  const unfinished = new Set<number>();
  let position = from;
  /** Those that end at or beyond the position. */
  let ahead = answered.filter(({ to }) => to > from);

  function first(): number {
    for (const offset of unfinished) return offset;
    return position;
  }

  /** Done offsets that were seen, as ranges: what lies between the others. */
  function behind(): OffsetRange[] {
    const ranges: OffsetRange[] = [];
    let start = first();
    for (const offset of unfinished) {
      if (offset > start) ranges.push({ from: start, to: offset });
      start = offset + 1;
    }
    if (start < position && unfinished.size > 0) ranges.push({ from: start, to: position });
    return ranges;
  }

  return {
    get committable() {
      return first();
    },
    get position() {
      return position;
    },
    answered() {
      const rest = ahead.map((range) => ({ from: Math.max(range.from, position), to: range.to }));
      return joined([...behind(), ...rest]);
    },
    isDone: (offset) => ahead.some((range) => range.from <= offset && offset < range.to),
    see(offsets, next) {
      for (const offset of offsets) if (offset >= position) unfinished.add(offset);
      position = Math.max(position, next);
      ahead = ahead.filter(({ to }) => to > position);
    },
    finish: (offset) => unfinished.delete(offset),
  };
}

/** Ranges in order, those that touch made one. */
function joined(ranges: readonly OffsetRange[]): readonly OffsetRange[] {
  const all: OffsetRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (range.to <= range.from) continue;
    if (last && last.to >= range.from) all[all.length - 1] = { from: last.from, to: range.to };
    else all.push(range);
  }
  return all;
}
