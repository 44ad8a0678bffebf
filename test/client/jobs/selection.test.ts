import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSelection } from '../../../client/src/jobs/selection.ts';

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'wire', 'images');
const base64 = (name: string) => readFileSync(join(images, name)).toString('base64');

/** The instances that would be sent. */
function instances(text: string): unknown {
  const selection = readSelection(text);
  return selection.kind === 'json'
    ? (JSON.parse(selection.body) as { instances: unknown }).instances
    : selection;
}

test('JSON instances are sent as they are, alone or in their body', () => {
  expect(instances('{"instances":[{"x":[1]},{"x":[2]}]}')).toEqual([{ x: [1] }, { x: [2] }]);
  expect(instances(' {"x": [1, 2]} ')).toEqual([{ x: [1, 2] }]);
  expect(instances('[{"x":1},{"x":2}]')).toEqual([{ x: 1 }, { x: 2 }]);
});

test('a list of numbers is one instance', () => {
  expect(instances('[[1, 2], [3, 4]]')).toEqual([
    {
      input: [
        [1, 2],
        [3, 4],
      ],
    },
  ]);
});

test.each(['tiny.png', 'tiny.jpg'])(
  '%s is known by its base64, also broken into lines, quoted or in a URI',
  (name) => {
    const text = base64(name);
    const image = [{ input: { b64: text } }];
    expect(instances(text)).toEqual(image);
    expect(instances(text.replace(/.{60}/g, '$&\n'))).toEqual(image);
    expect(instances(`"${text}",`)).toEqual(image);
    expect(instances(`data:image/png;base64,${text}`)).toEqual(image);
  },
);

test('one line of anything else is a path, quoted or not', () => {
  expect(readSelection(' images/a b.png\n')).toEqual({ kind: 'path', path: 'images/a b.png' });
  expect(readSelection("'/tmp/a.npy'")).toEqual({ kind: 'path', path: '/tmp/a.npy' });
  expect(readSelection('[broken')).toEqual({ kind: 'path', path: '[broken' });
});

test.each(['', '  \n', 'two\nlines'])('%j is nothing to predict', (text) => {
  expect(readSelection(text)).toEqual({ kind: 'nothing' });
});
