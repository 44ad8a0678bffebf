import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createDoneOffsets,
  type OffsetRange,
} from '../../../../../server/src/queue/kafka/worker/doneOffsets.ts';

function offsetsOf(ranges: readonly OffsetRange[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
}

it('commits nothing beyond the lowest unfinished record', () => {
  const done = createDoneOffsets(10, []);
  done.see([10, 11, 12, 13], 14);
  expect(done.finish(11)).toBe(true);
  expect(done.finish(13)).toBe(true);
  expect(done.committable).toBe(10);
  expect(done.answered()).toEqual([
    { from: 11, to: 12 },
    { from: 13, to: 14 },
  ]);
  done.finish(10);
  expect(done.committable).toBe(12);
  done.finish(12);
  expect(done.committable).toBe(14);
  expect(done.answered()).toEqual([]);
});

it('takes offsets without a record as done', () => {
  const done = createDoneOffsets(0, []);
  done.see([2, 7], 12);
  expect(done.committable).toBe(2);
  done.finish(2);
  expect(done.committable).toBe(7);
  done.finish(7);
  expect(done.committable).toBe(12);
});

it('keeps what the owner before had done, also where it was not fetched yet', () => {
  const done = createDoneOffsets(5, [
    { from: 7, to: 9 },
    { from: 20, to: 30 },
  ]);
  expect([5, 7, 8, 9, 25].filter((offset) => done.isDone(offset))).toEqual([7, 8, 25]);
  done.see([5, 6, 9], 10);
  expect(done.answered()).toEqual([
    { from: 7, to: 9 },
    { from: 20, to: 30 },
  ]);
  done.finish(5);
  expect(done.committable).toBe(6);
});

it('ignores what was never seen and what is done already', () => {
  const done = createDoneOffsets(0, []);
  done.see([0], 1);
  expect(done.finish(5)).toBe(false);
  expect(done.finish(0)).toBe(true);
  expect(done.finish(0)).toBe(false);
  done.see([0], 1);
  expect(done.committable).toBe(1);
});

it('agrees with the plain set of done offsets, whatever the order and however often the owner changes', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 50 }),
      fc.array(
        fc.record({
          fetch: fc.nat({ max: 12 }),
          finish: fc.array(fc.nat({ max: 200 }), { maxLength: 12 }),
          changesOwner: fc.boolean(),
        }),
        { maxLength: 15 },
      ),
      fc.array(fc.boolean(), { minLength: 400, maxLength: 400 }),
      (from, steps, isRecord) => {
        const finished = new Set<number>();
        let done = createDoneOffsets(from, []);
        for (const { fetch, finish, changesOwner } of steps) {
          const end = done.position + fetch;
          const offsets = Array.from({ length: fetch }, (_, i) => done.position + i).filter(
            (offset) => isRecord[offset] && !done.isDone(offset),
          );
          expect(offsets.some((offset) => finished.has(offset))).toBe(false);
          done.see(offsets, end);
          for (const offset of finish) if (done.finish(from + offset)) finished.add(from + offset);
          const open = Array.from({ length: end - from }, (_, i) => from + i).filter(
            (offset) => isRecord[offset] && !finished.has(offset),
          );
          // No record is passed over, and nothing less than what may be is committed.
          expect(done.committable).toBe(open.find((offset) => offset < done.position) ?? Math.max(end, from));
          const known = new Set(offsetsOf(done.answered()));
          for (const offset of finished) expect(offset < done.committable || known.has(offset)).toBe(true);
          for (const offset of open) expect(known.has(offset)).toBe(false);
          if (changesOwner) done = createDoneOffsets(done.committable, done.answered());
        }
      },
    ),
  );
});
