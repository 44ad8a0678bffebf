import { expect, test } from 'vitest';
import { exampleInputs } from '../../../server/src/inspect/exampleInputs.ts';

test('an example has a tensor of each input, with 1 for the sizes that are free', () => {
  const inputs = exampleInputs([
    { name: 'f', type: 'float32', shape: [null, 2] },
    { name: 'i', type: 'int64', shape: [3] },
    { name: 't', type: 'string', shape: [null] },
  ]);
  expect([...inputs]).toEqual([
    ['f', { kind: 'dense', type: 'float32', shape: [1, 2], data: Float32Array.of(0, 0.5) }],
    ['i', { kind: 'dense', type: 'int64', shape: [3], data: new BigInt64Array(3) }],
    ['t', { kind: 'dense', type: 'string', shape: [1], data: ['text'] }],
  ]);
});
