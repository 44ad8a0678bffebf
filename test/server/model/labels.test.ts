import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { labelsFile, readLabels } from '../../../server/src/model/labels.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labels-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const output = (name: string, shape: TensorInfo['shape'], type = 'float32'): TensorInfo => ({
  name,
  type,
  shape,
});
const write = (text: string | Buffer) => writeFileSync(join(folder, labelsFile), text);
const read = (outputs: readonly TensorInfo[], own = new Map<string, readonly string[]>()) =>
  Object.fromEntries(readLabels(folder, outputs, own));

test.each<[string, string, string[]]>([
  ['with a line end', 'cat\ndog\n', ['cat', 'dog']],
  ['without one', 'cat\ndog', ['cat', 'dog']],
  ['of Windows', '\uFEFFcat\r\ndog\r\n', ['cat', 'dog']],
  ['with blanks around', '  cat \t\n dog\n', ['cat', 'dog']],
  ['with a name that is empty', '\ndog\n', ['', 'dog']],
  ['that ends with an empty name', 'cat\n\n', ['cat', '']],
  ['with names of any letters', '猫\n🐕\n', ['猫', '🐕']],
  ['that repeats a name', 'cat\ncat\n', ['cat', 'cat']],
])('a file %s names the classes', (_, text, names) => {
  write(text);
  expect(read([output('p', [null, 2])])).toEqual({ p: names });
});

test('a file that has not a name for each class is refused, whatever the difference', () => {
  for (const [text, classes] of [
    ['a\nb\n', 3],
    ['a\nb\nc\n', 2],
    ['', 1],
    ['a\n\nb\n', 2],
  ] as const) {
    write(text);
    expect(() => read([output('p', [null, classes])])).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }) as Error,
    );
  }
});

test('any number of names fits an output whose number of classes is not fixed', () => {
  write('a\nb\nc\n');
  expect(read([output('p', [null, null])])).toEqual({ p: ['a', 'b', 'c'] });
  expect(read([output('p', [])])).toEqual({ p: ['a', 'b', 'c'] });
  expect(read([output('p', [null], 'any')])).toEqual({ p: ['a', 'b', 'c'] });
});

test('the names are those of the first output of numbers that has none of its own', () => {
  write('a\nb\n');
  const outputs = [
    output('label', [null], 'string'),
    output('scores', [null, 2]),
    output('other', [null, 2]),
  ];
  expect(read(outputs)).toEqual({ scores: ['a', 'b'] });
  expect(read(outputs, new Map([['scores', ['x', 'y']]]))).toEqual({ scores: ['x', 'y'], other: ['a', 'b'] });
  expect(read([output('label', [null], 'string')])).toEqual({});
});

test('without a file the names are the model’s', () => {
  expect(read([output('p', [null, 2])], new Map([['p', ['x', 'y']]]))).toEqual({ p: ['x', 'y'] });
});

test('a file that cannot be read is reported, not passed over', () => {
  mkdirSync(join(folder, labelsFile));
  expect(() => read([output('p', [null, 2])])).toThrow(
    expect.objectContaining({ code: 'model-missing' }) as Error,
  );
});
