import { expect, test } from 'vitest';
import type { InputPreview } from '../../../schemas/redis/queueReports.ts';
import { inputText } from '../../../server/src/inspect/inputText.ts';

const statistics = { min: 0, max: 2.123456, mean: 1, notFinite: 0 };

test.each<[string, InputPreview, string]>([
  [
    'a tensor with what it holds',
    {
      name: 'x',
      kind: 'tensor',
      dtype: 'float32',
      shape: [1, 3],
      statistics,
      count: 3,
      values: [0, 2.123456, '9'],
    },
    'float32[1×3], min 0, max 2.1235, mean 1: 0, 2.1235, 9',
  ],
  [
    'a sparse tensor with how many values are stored',
    {
      name: 'x',
      kind: 'sparse',
      dtype: 'int32',
      shape: [9],
      statistics: { ...statistics, notFinite: 1 },
      count: 40,
      values: [1],
    },
    'int32[9], sparse, 40 values, min 0, max 2.1235, mean 1, 1 not finite: 1, …',
  ],
  [
    'strings in quotes',
    { name: 'x', kind: 'text', dtype: 'string', shape: [2], count: 2, texts: ['a\nb'] },
    'text[2]: "a\\nb", …',
  ],
  [
    'an image with what the model is fed with',
    {
      name: 'x',
      kind: 'image',
      format: 'png',
      width: 4,
      height: 2,
      bytes: 70,
      shape: [2, 4, 3],
      statistics,
      thumbnail: '',
    },
    'png of 4×2 pixels, 70 bytes; as float32[2×4×3] of blue, green, red, min 0, max 2.1235, mean 1',
  ],
  ['why it cannot be decoded', { name: 'x', kind: 'undecodable', error: 'no image' }, 'no image'],
])('an input is described in a line: %s', (_, input, text) => {
  expect(inputText(input)).toBe(text);
});
