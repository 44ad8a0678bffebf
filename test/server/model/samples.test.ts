import { expect, test } from 'vitest';
import { plainSample, sampleFeeds, sampleRow, type SampleKind } from '../../../server/src/model/samples.ts';

const patterns: readonly SampleKind['pattern'][] = ['any', 'zero', 'equal', 'largest'];

test.each(['int8', 'int32', 'int64', 'uint64'])(
  'a single value of %s is a setting such as an axis, and 1 in every sample',
  (type) => {
    for (const pattern of patterns)
      for (const seed of [1, 2, 3, 4]) {
        const [tensor] = sampleRow([{ name: 'axis', type, shape: [] }], {
          ...plainSample,
          wholeLimit: 1000,
          pattern,
          seed,
        });
        expect(tensor).toMatchObject({ type, shape: [] });
        expect(Array.from(tensor?.data ?? [], Number)).toEqual([1]);
      }
  },
);

test('open dimensions get the size that is wanted, and the first one a row for each', () => {
  const inputs = [{ name: 'x', type: 'float32', shape: [null, 3, null] }];
  const [tensor] = sampleFeeds(inputs, 4, { ...plainSample, openSize: 5 });
  expect(tensor?.shape).toEqual([4, 3, 5]);
  expect(tensor?.data).toHaveLength(60);
});

test('ids stay below the limit, and what is smaller than it below its own', () => {
  const ids = sampleRow([{ name: 'ids', type: 'int64', shape: [null, null] }], {
    ...plainSample,
    openSize: 200,
    wholeLimit: 10,
  });
  const values = Array.from(ids[0]?.data ?? [], Number);
  expect(Math.max(...values)).toBe(9);
  expect(Math.min(...values)).toBe(0);
  const bits = sampleRow([{ name: 'x', type: 'bool', shape: [50] }], { ...plainSample, wholeLimit: 1000 });
  expect(new Set(Array.from(bits[0]?.data ?? [], Number))).toEqual(new Set([0, 1]));
});
