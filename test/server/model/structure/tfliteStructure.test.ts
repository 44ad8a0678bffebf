import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tfliteOperators } from '../../../../server/src/model/structure/tfliteOperators.ts';
import { tfliteStructure } from '../../../../server/src/model/structure/tfliteStructure.ts';

const file = readFileSync(join(import.meta.dirname, '../../../fixtures/runtimes/tflite/picture.tflite'));

test('the operators of a file that TensorFlow wrote are counted by their names', () => {
  expect(tfliteStructure(file)).toEqual({
    operators: ['CONV_2D', 'FULLY_CONNECTED', 'MEAN', 'SOFTMAX'].map((name) => ({ name, count: 1 })),
    versions: [{ name: 'TensorFlow Lite', version: 3 }],
  });
});

test('a file of another kind has no structure', () => {
  expect(tfliteStructure(Buffer.from('{"not": "a model"}'))).toBeUndefined();
  expect(tfliteStructure(Buffer.alloc(0))).toBeUndefined();
});

test('whatever is damaged in a file, its structure is read or it has none', () => {
  for (let length = 8; length < file.length; length += 37) {
    const found = tfliteStructure(Buffer.from(file.subarray(0, length)));
    expect(found === undefined || found.operators.length >= 0).toBe(true);
  }
  for (let at = 0; at < file.length; at += 3) {
    const damaged = Buffer.from(file);
    damaged[at] = 255 - (damaged[at] ?? 0);
    expect(() => tfliteStructure(damaged)).not.toThrow();
  }
});

test('the names of operators stand at their numbers', () => {
  const known = {
    ADD: 0,
    CUSTOM: 32,
    STRIDED_SLICE: 45,
    LOG: 73,
    IF: 118,
    BATCH_MATMUL: 126,
    GELU: 150,
    SIGN: 158,
  };
  for (const [name, number] of Object.entries(known)) expect(tfliteOperators[number]).toBe(name);
});
