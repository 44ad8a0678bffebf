import { expect, test } from 'vitest';
import { infoOf, isCalled, namePorts } from '../../../server/src/model/openvino/portNames.ts';

const named = (...names: (string | undefined)[]) =>
  namePorts(
    names.map((name) => ({ name, type: 0, shape: [] })),
    'input',
  ).map(({ name, aliases }) => [name, ...aliases]);

test('a port is shown by its plainest name and known by all', () => {
  expect(named('x')).toEqual([['x']]);
  expect(named('image:0')).toEqual([['image', 'image:0']]);
  expect(named('serving_default_image:0')).toEqual([
    ['image', 'serving_default_image', 'serving_default_image:0'],
  ]);
});

test('a port has no name that another would have, too', () => {
  expect(named('x', 'x:0')).toEqual([['x'], ['x:0']]);
  expect(named('serving_default_x:0', 'x:0')).toEqual([
    ['serving_default_x', 'serving_default_x:0'],
    ['x', 'x:0'],
  ]);
  expect(named('split:0', 'split:1')).toEqual([['split', 'split:0'], ['split:1']]);
});

test('a port without a name is counted', () => {
  expect(named(undefined, undefined)).toEqual([['input_0'], ['input_1']]);
});

test('a wanted name may lack the number that the file has', () => {
  const port = { name: 'image', aliases: ['image:0'] };
  expect(['image', 'image:0', 'other'].map((name) => isCalled(port, name))).toEqual([true, true, false]);
});

test('a single value and an open number of axes are distinguished, and images have four axes', () => {
  const info = (shape: (number | null)[] | undefined) =>
    infoOf({ index: 0, name: 'x', aliases: [], port: { name: 'x', type: 0, shape } }, 'float32', 'hwc');
  expect(info([])).toEqual({ name: 'x', type: 'float32', shape: [], openRank: false });
  expect(info(undefined)).toEqual({ name: 'x', type: 'float32', shape: [], openRank: true });
  expect(info([null, 2])).toEqual({ name: 'x', type: 'float32', shape: [null, 2] });
  expect(info([null, null, null, null])).toMatchObject({ layout: 'hwc' });
});
