import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import {
  exampleBody,
  filled,
  instancesWording,
  rowShape,
  tensorsWording,
} from '../../../server/src/http/routes/exampleInstance.ts';

const input = (name: string, type: TensorInfo['type'], shape: readonly (number | null)[]): TensorInfo => ({
  name,
  type,
  shape: [...shape],
});

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

describe('an example', () => {
  test('has zeros in the shape of one record, and text where strings are wanted', () => {
    const inputs = [input('x', 'float32', [null, 2, 3]), input('words', 'string', [null, 1])];
    expect(exampleBody(inputs, true)).toEqual({
      instances: [
        {
          x: [
            [0, 0, 0],
            [0, 0, 0],
          ],
          words: ['text'],
        },
      ],
    });
  });

  test('keeps the first axis where it does not count records', () => {
    expect(exampleBody([input('x', 'int64', [null, 2])], false)).toEqual({ instances: [{ x: [[0, 0]] }] });
  });

  test('of a scalar is a number, and of a model without inputs an empty instance', () => {
    expect(exampleBody([input('x', 'int32', [])], false)).toEqual({ instances: [{ x: 0 }] });
    expect(exampleBody([input('x', 'int32', [null])], true)).toEqual({ instances: [{ x: 0 }] });
    expect(exampleBody([], true)).toEqual({ instances: [{}] });
  });

  test('keeps the names of inputs whatever they are', () => {
    for (const name of ['__proto__', 'constructor', '', 'a b', '猫', '0']) {
      const [instance] = (exampleBody([input(name, 'int32', [2])], false) as { instances: [object] })
        .instances;
      expect(Object.entries(instance)).toEqual([[name, [0, 0]]]);
    }
  });

  test('has the shape that the model asks for, with 1 for an axis of any size', () => {
    const axis = fc.option(fc.integer({ min: 1, max: 4 }));
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), fc.boolean(), (shape, batched) => {
        const row = rowShape(shape, batched);
        expect(row).toHaveLength(shape.length - (batched ? 1 : 0));
        expect(shapeOf(filled(row, 0))).toEqual(row);
        row.forEach((size, i) => expect(size).toBe(shape[i + (batched ? 1 : 0)] ?? 1));
      }),
    );
  });

  test('shares no part with another, so that a change of one row changes no other', () => {
    const rows = filled([2, 2], 0) as number[][];
    (rows[0] as number[])[0] = 7;
    expect(rows[1]).toEqual([0, 0]);
  });
});

describe('the form of a right body', () => {
  const form = (inputs: readonly TensorInfo[], batched = true) =>
    instancesWording.form({ inputs: [...inputs], batched });

  test('is one that the protocol takes, where it is short enough to be shown', () => {
    const inputs = [input('a "b"', 'float32', [null, 2]), input('s', 'string', [null])];
    expect(JSON.parse(form(inputs))).toEqual({ instances: [{ 'a "b"': [0, 0], s: 'text' }] });
    expect(JSON.parse(form(inputs))).toEqual(exampleBody(inputs, true));
  });

  test('shows 16 numbers and only the shape of more', () => {
    expect(form([input('x', 'float32', [null, 4, 4])])).toContain('[[0,0,0,0],');
    const long = form([input('x', 'float32', [null, 17])]);
    expect(long).toContain('[17]');
    expect(long).not.toContain('0,0');
    expect(form([input('image', 'float32', [null, 3, 4000, 4000])]).length).toBeLessThan(100);
  });

  test('is a general one where no model is known', () => {
    for (const wording of [instancesWording, tensorsWording])
      for (const model of [undefined, { inputs: [], batched: true }])
        expect(wording.form(model)).toMatch(/^\{"(instances|inputs)": \[.+\]\}$/);
    expect(JSON.parse(instancesWording.form(undefined))).toHaveProperty('instances');
  });

  test('names tensors with all axes and the datatypes of the Open Inference Protocol', () => {
    const text = tensorsWording.form({
      inputs: [
        input('x', 'float32', [null, 3]),
        input('flag', 'bool', [null]),
        input('s', 'string', [null, 1]),
      ],
      batched: true,
    });
    const { inputs } = JSON.parse(text.replaceAll('[...]', '[]')) as { inputs: object[] };
    expect(inputs).toEqual([
      { name: 'x', shape: [1, 3], datatype: 'FP32', data: [] },
      { name: 'flag', shape: [1], datatype: 'BOOL', data: [] },
      { name: 's', shape: [1, 1], datatype: 'BYTES', data: [] },
    ]);
  });

  test('names the instance that an error is about, and the inputs where there is one record', () => {
    expect(instancesWording.place(3)).toBe('instances[3]');
    expect(tensorsWording.place(3)).toBe('inputs');
  });
});
