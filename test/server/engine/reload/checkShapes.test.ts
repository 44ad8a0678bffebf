import { describe, expect, test } from 'vitest';
import { anyType, type TensorInfo } from '../../../../schemas/jobEvents.ts';
import { shapeTrouble } from '../../../../server/src/engine/reload/checkShapes.ts';

const info = (name: string, type: string, ...shape: (number | null)[]): TensorInfo => ({ name, type, shape });
const x = info('x', 'float32', null, 3);
const y = info('y', 'float32', null, 2);
const model = (inputs: readonly TensorInfo[], outputs: readonly TensorInfo[] = [y]) => ({ inputs, outputs });

describe('a model may take the place of another', () => {
  test.each<[string, readonly TensorInfo[], readonly TensorInfo[]]>([
    ['with the same inputs', [x], [x]],
    ['with a single input of another name', [x], [info('image', 'float32', null, 3)]],
    ['that takes more sizes', [x], [info('x', 'float32', null, null)]],
    ['that takes any type', [x], [info('x', anyType, null, 3)]],
    ['that takes any number of axes', [x], [{ name: 'x', type: 'float32', shape: [], openRank: true }]],
    ['that says nothing of its inputs', [x], []],
    ['with its inputs in another order', [x, info('a', 'int64', 1)], [info('a', 'int64', 1), x]],
  ])('%s', (_, old, next) => {
    expect(shapeTrouble(model(old), model(next))).toBeUndefined();
  });

  test.each<[string, readonly TensorInfo[], readonly TensorInfo[]]>([
    ['with the same outputs', [y], [y]],
    ['whose outputs have fixed sizes where the old ones were open', [info('y', 'float32', null, null)], [y]],
    ['where the old one said nothing of its outputs', [], [y]],
  ])('%s', (_, old, next) => {
    expect(shapeTrouble(model([x], old), model([x], next))).toBeUndefined();
  });
});

describe('a model may not take the place of another', () => {
  test.each<[string, readonly TensorInfo[], readonly TensorInfo[], string]>([
    ['of another type', [x], [info('x', 'float64', null, 3)], 'input "x" is float32[?,3]'],
    ['of another size', [x], [info('x', 'float32', null, 4)], 'float32[?,4] in the new one'],
    ['of another rank', [x], [info('x', 'float32', null, 3, 1)], 'input "x"'],
    ['with a fixed batch', [x], [info('x', 'float32', 1, 3)], 'input "x"'],
    ['with a further input', [x], [x, info('z', 'float32', 1)], 'wants an input "z"'],
    ['with one input less', [x, info('z', 'float32', 1)], [x], 'has no input "z"'],
    ['that wants what the old one leaves open', [], [x], 'takes any'],
    [
      'that wants a single value where the axes were open',
      [{ name: 'x', type: 'float32', shape: [], openRank: true }],
      [{ name: 'x', type: 'float32', shape: [], openRank: false }],
      'input "x"',
    ],
  ])('%s', (_, old, next, trouble) => {
    expect(shapeTrouble(model(old), model(next))).toContain(trouble);
  });

  test.each<[string, readonly TensorInfo[], readonly TensorInfo[], string]>([
    ['with an output of another type', [y], [info('y', 'int64', null, 2)], 'output "y" is float32[?,2]'],
    ['with an output of another size', [y], [info('y', 'float32', null, 3)], 'output "y"'],
    ['with an output that is open now', [y], [info('y', 'float32', null, null)], 'output "y"'],
    ['with an output less', [y], [], 'does not say its outputs'],
    ['with outputs in another order', [y, x], [x, y], 'no output "y" at its place'],
    ['with a further output', [y], [y, x], 'has an output "x"'],
  ])('%s', (_, old, next, trouble) => {
    expect(shapeTrouble(model([x], old), model([x], next))).toContain(trouble);
  });
});
