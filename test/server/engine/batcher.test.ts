import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBatcher, type Batchable } from '../../../server/src/engine/batcher.ts';

const item = (key: string, rows = 1): Batchable => ({ key, rows });

describe('with no time to wait', () => {
  test('whatever is there goes at once, as far as it is of one shape', () => {
    const batcher = createBatcher({ maxRows: 4, waitMs: 0 });
    for (const key of ['a', 'b', 'a']) batcher.add(item(key));
    expect(batcher.next(performance.now())).toHaveLength(2);
    expect(batcher.next(performance.now())).toEqual([item('b')]);
    expect(batcher.next(performance.now())).toBeUndefined();
  });

  test('a shape with much to do does not starve another', () => {
    const batcher = createBatcher({ maxRows: 2, waitMs: 0 });
    for (let i = 0; i < 6; i++) batcher.add(item('busy'));
    batcher.add(item('rare'));
    const keys = Array.from({ length: 4 }, () => batcher.next(performance.now())?.[0]?.key);
    expect(keys).toEqual(['busy', 'rare', 'busy', 'busy']);
  });
});

describe('with time to wait', () => {
  test('a batch goes when it is full or when its first item has waited long enough', () => {
    const batcher = createBatcher({ maxRows: 2, waitMs: 1_000_000 });
    batcher.add(item('a'));
    expect(batcher.next(performance.now())).toBeUndefined();
    const at = batcher.readyAt ?? 0;
    expect(at).toBeGreaterThan(performance.now());
    batcher.add(item('a'));
    expect(batcher.next(performance.now())).toHaveLength(2);
    batcher.add(item('b'));
    expect(batcher.next(performance.now() + 2_000_000)).toHaveLength(1);
    expect(batcher.readyAt).toBeUndefined();
  });
});

test('every item comes out once, in order of its shape, and no batch is too large', () => {
  const items = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), rows: fc.integer({ min: 1, max: 12 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 10 }), (all, maxRows) => {
      const batcher = createBatcher<{ key: string; rows: number }>({ maxRows, waitMs: 0 });
      all.forEach((one) => batcher.add(one));
      const out: { key: string; rows: number }[] = [];
      for (let batch = batcher.next(0 + performance.now()); batch; batch = batcher.next(performance.now())) {
        const rows = batch.reduce((sum, one) => sum + one.rows, 0);
        expect(rows <= maxRows || batch.length === 1).toBe(true);
        expect(new Set(batch.map(({ key }) => key)).size).toBe(1);
        out.push(...batch);
      }
      for (const key of ['a', 'b', 'c'])
        expect(out.filter((one) => one.key === key)).toEqual(all.filter((one) => one.key === key));
    }),
  );
});
