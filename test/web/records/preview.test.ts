import { expect, test } from 'vitest';
import type { InputPreview } from '../../../schemas/redis/queueReports.ts';
import { previewText } from '../../../web/records/preview.ts';

const text = (...inputs: readonly InputPreview[]) => previewText({ inputs });

test('a tensor is shown by type, shape and first values', () => {
  expect(
    text({
      name: 'x',
      kind: 'tensor',
      dtype: 'float32',
      shape: [2, 4],
      count: 8,
      values: [1, 2.34567, -3, 4, 5, 6, 7, 8],
    }),
  ).toBe('x: float32[2, 4] 1, 2.35, -3, 4, 5, 6, …');
  expect(
    text({ name: 'x', kind: 'tensor', dtype: 'int64', shape: [1], count: 1, values: ['9007199254740993'] }),
  ).toBe('x: int64[1] 9007199254740993');
});

test('several inputs, images, strings and what cannot be decoded have their place in the line', () => {
  expect(
    text(
      { name: 's', kind: 'text', dtype: 'string', shape: [3], count: 3, texts: ['a', 'b"'] },
      {
        name: 'image',
        kind: 'image',
        format: 'png',
        width: 28,
        height: 14,
        bytes: 9,
        shape: [1, 3, 14, 28],
        statistics: { min: 0, max: 1, mean: 0, notFinite: 0 },
        thumbnail: 'data:,',
      },
      { name: 'bad', kind: 'undecodable', error: 'no image' },
    ),
  ).toBe('s: "a", "b\\"", … · image: png 28 × 14 · bad: no image');
});

test('a record that cannot be decoded shows why', () => {
  expect(previewText({ inputs: [], error: 'no Arrow' })).toBe('no Arrow');
});
