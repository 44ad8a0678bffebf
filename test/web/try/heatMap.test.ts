import { describe, expect, test } from 'vitest';
import { heatMapOf, statisticsOf, strength } from '../../../web/try/heatMap.ts';
import type { Output } from '../../../web/try/outcome.ts';

const output = (shape: number[], of: (i: number) => Output['data'][number] = (i) => i): Output => ({
  name: 'x',
  shape,
  data: Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => of(i)),
});

describe('a heat map', () => {
  test('has a plane for each place before the last two axes', () => {
    const map = heatMapOf(output([2, 2, 5, 6]));
    expect(map?.planes.map(({ place }) => place)).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(map?.planes[3]?.values[0]).toBe(90);
    expect([map?.min, map?.max, map?.of]).toEqual([0, 119, 4]);
  });

  test('shows the first planes of many, and how many there are', () => {
    const map = heatMapOf(output([64, 5, 5]));
    expect([map?.planes.length, map?.of]).toEqual([8, 64]);
    expect(map?.max).toBe(199);
  });

  test.each([
    ['a list', output([100])],
    ['a row', output([1, 100])],
    ['few cells', output([4, 5])],
    ['too many cells', output([600, 600])],
    ['strings', output([6, 6], String)],
    ['nothing', output([0, 6])],
    ['no number at all', output([6, 6], () => null)],
  ])('is not drawn of %s', (_, one) => {
    expect(heatMapOf(one)).toBeUndefined();
  });

  test('leaves cells without a number empty, and gives the greatest all of the colour', () => {
    const map = heatMapOf(output([6, 6], (i) => (i === 3 ? null : i)));
    expect(map && [0, 35, null, 17.5].map((value) => strength(value, map))).toEqual([0, 255, 0, 128]);
  });

  test('of equal values is one colour', () => {
    expect(strength(3, { min: 3, max: 3 })).toBe(255);
  });
});

describe('the figures of a tensor', () => {
  test('count what is not finite apart', () => {
    expect(statisticsOf({ name: 'x', shape: [4], data: [1, null, 3, 8] })).toEqual({
      min: 1,
      max: 8,
      mean: 4,
      notFinite: 1,
    });
  });

  test('are none where there is no number', () => {
    expect(statisticsOf({ name: 'x', shape: [2], data: ['a', true] })).toBeUndefined();
    expect(statisticsOf({ name: 'x', shape: [0], data: [] })).toBeUndefined();
  });

  test('of a long tensor are found without running out of stack', () => {
    expect(statisticsOf(output([1_000_000]))?.max).toBe(999_999);
  });
});
