import { expect, test } from 'vitest';
import { tensorsText } from '../../../server/src/inspect/tensorsText.ts';

test.each([
  [
    [
      { name: 'x', type: 'float32', shape: [null, 3] },
      { name: 'n', type: 'int64', shape: [] },
    ],
    'x float32[?,3], n int64[]',
  ],
  [[], 'the model does not say'],
  [[{ name: 'image', type: 'any', shape: [], openRank: true }], 'image (any type and shape)'],
  [[{ name: 'y', type: 'float32', shape: [], openRank: true }], 'y float32[any shape]'],
  [[{ name: 'y', type: 'any', shape: [null, 2] }], 'y any type[?,2]'],
])('what a model says of its inputs is one line: %j', (infos, text) => {
  expect(tensorsText(infos)).toBe(text);
});
