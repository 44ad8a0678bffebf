import { expect, test } from 'vitest';
import type { Model, ModelTensor } from '../../../server/src/model/model.ts';
import { supportsBatches } from '../../../server/src/model/probe.ts';

const input = { name: 'x', type: 'float32', shape: [null, 4] };
const output = { name: 'y', type: 'float32', shape: [null, 4] };
const answer = (shape: number[], data: Float32Array): ModelTensor[] => [
  { name: 'y', type: 'float32', shape, data },
];
const rowsOf = ([x]: readonly ModelTensor[]) => ({
  rows: x?.shape[0] ?? 0,
  data: (x?.data ?? []) as Float32Array,
});

const echo: Model['run'] = (feeds) => {
  const { rows, data } = rowsOf(feeds);
  return Promise.resolve(answer([rows, 4], data.slice()));
};

test('a model that answers row by row takes batches', async () => {
  expect(await supportsBatches([input], [output], echo)).toBe(true);
});

test.each<[string, Model['run']]>([
  [
    'mixes its rows',
    (feeds) => Promise.resolve(answer([rowsOf(feeds).rows, 4], rowsOf(feeds).data.slice().reverse())),
  ],
  [
    'answers one list for all',
    (feeds) => Promise.resolve(answer([1, 4 * rowsOf(feeds).rows], rowsOf(feeds).data.slice())),
  ],
  [
    'numbers its rows',
    (feeds) =>
      Promise.resolve(
        answer(
          [rowsOf(feeds).rows, 1],
          Float32Array.from({ length: rowsOf(feeds).rows }, (_, i) => i),
        ),
      ),
  ],
  ['fails on the sample', () => Promise.reject(new Error('no'))],
])('a model that %s is run record by record', async (_, run) => {
  expect(await supportsBatches([input], [output], run)).toBe(false);
});

test('a fixed first dimension rules batches out', async () => {
  expect(await supportsBatches([{ ...input, shape: [1, 4] }], [output], echo)).toBe(false);
});
