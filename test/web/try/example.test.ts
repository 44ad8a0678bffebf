import { expect, test } from 'vitest';
import { parseInstances } from '../../../server/src/codec/instances.ts';
import { exampleOf } from '../../../web/try/example.ts';

const input = (name: string, shape: (number | null)[], type = 'float32') => ({ name, type, shape });

test('the example is a request that can be sent as it is', () => {
  const text = exampleOf({
    inputs: [input('x', [null, 2, 3]), input('s', [null, 1], 'string')],
    batched: true,
  });
  expect(JSON.parse(text)).toEqual({
    instances: [
      {
        x: [
          [0, 0, 0],
          [0, 0, 0],
        ],
        s: ['text'],
      },
    ],
  });
  expect([...(parseInstances(text)[0]?.keys() ?? [])]).toEqual(['x', 's']);
});

test('an axis of any size counts one, and the first axis of a model without a batch is its own', () => {
  const text = exampleOf({ inputs: [input('x', [2, null])], batched: false });
  expect(JSON.parse(text)).toEqual({ instances: [{ x: [[0], [0]] }] });
});

test('nothing is suggested where it would be long, or the model is unknown', () => {
  expect(exampleOf({ inputs: [input('x', [null, 3, 224, 224])], batched: true })).toBe('');
  expect(exampleOf({ inputs: [], batched: true })).toBe('');
});
