import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answeredBeyond,
  maxNotesBytes,
  noNotes,
  readNotes,
  writeNotes,
  type PartitionNotes,
} from '../../../../../server/src/queue/kafka/worker/partitionNotes.ts';

const offset = fc.nat({ max: 2 ** 40 });

/** Ranges in order that do not touch, from an offset on. */
function rangesFrom(start: number, lengths: readonly (readonly [gap: number, length: number])[]) {
  let end = start;
  return lengths.map(([gap, length]) => {
    const from = end + gap + 1;
    end = from + length + 1;
    return { from, to: end };
  });
}

const small = fc.nat({ max: 1000 });
const notes = fc
  .record({
    committed: offset,
    lengths: fc.array(fc.tuple(small, small), { maxLength: 20 }),
    running: fc.array(small, { maxLength: 20 }),
    amongOthers: fc.boolean(),
    owner: fc.stringMatching(/^[0-9a-f]{12}$/),
    deaths: fc.array(fc.tuple(small, fc.nat({ max: 6 })), { maxLength: 10 }),
    stray: fc.record({ count: fc.integer({ min: 1, max: 3 }), at: fc.nat() }),
    reach: small,
  })
  .map(({ committed, lengths, running, deaths, reach, ...rest }) => ({
    committed,
    notes: {
      ...rest,
      amongOthers: rest.amongOthers && running.length > 0,
      owner: running.length > 0 ? rest.owner : '',
      answered: rangesFrom(committed, lengths),
      running: running.map((one) => committed + one),
      deaths: new Map(deaths.map(([one, count]) => [committed + one, count])),
      reach: committed + reach,
    } satisfies PartitionNotes,
  }));

describe('the notes of a partition', () => {
  it('come back from the text of a commit as they were', () => {
    fc.assert(
      fc.property(notes, ({ committed, notes: written }) => {
        const text = writeNotes(committed, written);
        expect(text).toMatch(/^[ -~]*$/);
        expect(readNotes(committed, text)).toEqual(written);
      }),
    );
  });

  it('never take more than a broker accepts, and leave out what is furthest away', () => {
    const many = rangesFrom(
      0,
      Array.from({ length: 5000 }, () => [0, 0] as const),
    );
    const running = Array.from({ length: 4000 }, (_, i) => i * 1000);
    const deaths = new Map(running.map((one) => [one, 2] as const));
    const text = writeNotes(0, { ...noNotes, answered: many, running, deaths, reach: 2 ** 50 });
    expect(text.length).toBeLessThanOrEqual(maxNotesBytes);
    const read = readNotes(0, text);
    expect(read.answered).toEqual(many.slice(0, read.answered.length));
    expect(read.running).toEqual(running.slice(0, read.running.length));
    // What the model had beyond those must not be forgotten.
    expect(read.amongOthers).toBe(true);
  });

  it('are none in a text of another program, or in a damaged one', () => {
    for (const text of ['', 'NONE', '{"a":1}', 'cs2 r5', 'cs1 rZ!', 'cs1 a1+', 'cs1 d:', 'cs1 m1.%'])
      expect(readNotes(7, text).running).toEqual([]);
    expect(readNotes(7, 'cs1 rZ!')).toEqual(noNotes);
    fc.assert(
      fc.property(offset, fc.string(), (committed, text) => {
        const read = readNotes(committed, `cs1 ${text}`);
        expect(read.answered.every(({ from, to }) => from <= to)).toBe(true);
      }),
    );
  });

  it('are empty for a partition with nothing to say', () => {
    expect(writeNotes(9, noNotes)).toBe('');
    expect(writeNotes(9, { ...noNotes, reach: 9, running: [3], deaths: new Map([[2, 1]]) })).toBe('');
  });

  it('say what is answered beyond the committed offset', () => {
    const text = writeNotes(100, {
      ...noNotes,
      answered: [
        { from: 102, to: 104 },
        { from: 110, to: 111 },
      ],
    });
    const beyond = answeredBeyond(100n, text);
    expect(beyond.count).toBe(3);
    expect([100n, 101n, 102n, 103n, 104n, 110n].filter(beyond.has)).toEqual([102n, 103n, 110n]);
    expect(answeredBeyond(100n, '').count).toBe(0);
  });
});
