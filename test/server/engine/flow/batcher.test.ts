import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBatcher, type Batchable } from '../../../../server/src/engine/flow/batcher.ts';
import { runs } from '../../../support/runs.ts';

const item = (key: string, rows = 1): Batchable => ({ key, rows });

describe('with no time to wait', () => {
  test('whatever is there goes at once, as far as it is of one shape', () => {
    const batcher = createBatcher({ maxRows: 4, waitMs: 0 });
    for (const key of ['a', 'b', 'a']) batcher.add(item(key), 0);
    expect(batcher.next(0)).toHaveLength(2);
    expect(batcher.next(0)).toEqual([item('b')]);
    expect(batcher.next(0)).toBeUndefined();
  });

  test('a shape with much to do does not starve another', () => {
    const batcher = createBatcher({ maxRows: 2, waitMs: 0 });
    for (let i = 0; i < 6; i++) batcher.add(item('busy'), 0);
    batcher.add(item('rare'), 0);
    const keys = Array.from({ length: 4 }, () => batcher.next(0)?.[0]?.key);
    expect(keys).toEqual(['busy', 'rare', 'busy', 'busy']);
  });
});

describe('two sources', () => {
  const [queue, http] = [{ name: 'queue' }, { name: 'http' }];
  const from = (source: object, key = 'k', rows = 1): Batchable => ({ source, key, rows });
  const add = (batcher: ReturnType<typeof createBatcher>, count: number, ...of: Parameters<typeof from>) => {
    for (let i = 0; i < count; i++) batcher.add(from(...of), 0);
  };

  test('share each batch evenly while both have something, and one alone gets all', () => {
    const batcher = createBatcher({ maxRows: 4, waitMs: 0 });
    add(batcher, 10, queue);
    add(batcher, 3, http);
    const batches = Array.from({ length: 4 }, () => batcher.next(0)?.map(({ source }) => source));
    expect(batches[0]?.filter((one) => one === http)).toHaveLength(2);
    expect(batches[1]?.filter((one) => one === http)).toHaveLength(1);
    expect(batches.flat()).toHaveLength(13);
  });

  test('take turns by rows whatever the shapes are, and nothing is saved up while one has nothing', () => {
    const batcher = createBatcher({ maxRows: 2, waitMs: 0 });
    for (let i = 0; i < 50; i++) {
      add(batcher, 1, queue, `${i % 7}`);
      batcher.next(0);
    }
    for (let i = 0; i < 12; i++) add(batcher, 2, queue, `shape ${i}`);
    add(batcher, 8, http, 'other');
    const order = Array.from({ length: 8 }, () => batcher.next(0)?.[0]?.source);
    expect(order.filter((one) => one === http)).toHaveLength(4);
    expect(order.slice(0, 4).filter((one) => one === http)).toHaveLength(2);
  });
});

describe('with time to wait', () => {
  test('a batch goes when it is full or when its first item has waited long enough', () => {
    const batcher = createBatcher({ maxRows: 2, waitMs: 1_000_000 });
    batcher.add(item('a'), 0);
    expect(batcher.next(0)).toBeUndefined();
    expect(batcher.readyAt).toBe(1_000_000);
    expect(batcher.next(999_999)).toBeUndefined();
    batcher.add(item('a'), 0);
    expect(batcher.next(0)).toHaveLength(2);
    batcher.add(item('b'), 0);
    expect(batcher.next(2_000_000)).toHaveLength(1);
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
      all.forEach((one) => batcher.add(one, 0));
      const out: { key: string; rows: number }[] = [];
      for (let batch = batcher.next(0); batch; batch = batcher.next(0)) {
        const rows = batch.reduce((sum, one) => sum + one.rows, 0);
        expect(rows <= maxRows || batch.length === 1).toBe(true);
        expect(new Set(batch.map(({ key }) => key)).size).toBe(1);
        out.push(...batch);
      }
      for (const key of ['a', 'b', 'c'])
        expect(out.filter((one) => one.key === key)).toEqual(all.filter((one) => one.key === key));
    }),
    runs(),
  );
});
