import { describe, expect, test } from 'vitest';
import { barLengths, rankingsOf } from '../../../web/try/classes.ts';
import type { Output } from '../../../web/try/outcome.ts';

const output = (shape: number[], data: Output['data'], name = 'p'): Output => ({ name, shape, data });
const ranked = (one: Output, labels: Record<string, string[]> = {}) => rankingsOf({ outputs: [one] }, labels);

describe('classes', () => {
  test('are ranked, with their names, and the best come first', () => {
    const [ranking] = ranked(output([1, 3], [0.2, 0.7, 0.1]), { p: ['cat', 'dog', 'fox'] });
    expect(ranking?.classes).toEqual([
      { index: 1, value: 0.7, name: 'dog' },
      { index: 0, value: 0.2, name: 'cat' },
      { index: 2, value: 0.1, name: 'fox' },
    ]);
    expect(ranking?.areShares).toBe(true);
  });

  test('are five of many', () => {
    const [ranking] = ranked(
      output(
        [1000],
        Array.from({ length: 1000 }, (_, i) => i),
      ),
    );
    expect(ranking?.classes.map(({ index }) => index)).toEqual([999, 998, 997, 996, 995]);
    expect(ranking?.of).toBe(1000);
    expect(ranking?.areShares).toBe(false);
  });

  test('of several rows are ranked for each row, where they have names', () => {
    const rows = ranked(output([2, 2], [1, 2, 4, 3]), { p: ['a', 'b'] });
    expect(rows.map(({ title, classes }) => [title, classes[0]?.name])).toEqual([
      ['p[0]', 'b'],
      ['p[1]', 'a'],
    ]);
  });

  test('without a number are not ranked, and are no shares', () => {
    const [ranking] = ranked(output([3], [null, 0.4, 0.6]));
    expect(ranking?.classes.map(({ index }) => index)).toEqual([2, 1]);
    expect(ranking?.areShares).toBe(false);
  });

  test.each([
    ['a single number', output([1, 1], [3])],
    ['an image', output([3, 2, 2], Array<number>(12).fill(1))],
    ['rows without names', output([4, 2], Array<number>(8).fill(1))],
    ['strings', output([2], ['a', 'b'])],
    ['nothing', output([0], [])],
    ['a scalar', output([], [3])],
  ])('are not seen in %s', (_, one) => {
    expect(ranked(one)).toEqual([]);
  });

  test('that a filter left are taken as it left them', () => {
    expect(
      rankingsOf(
        {
          filtered: [
            [9, 0.7, 'nine'],
            [1, 0.2],
          ],
        },
        {},
      )[0]?.classes,
    ).toEqual([
      { index: 9, value: 0.7, name: 'nine' },
      { index: 1, value: 0.2 },
    ]);
    for (const filtered of [[], 'text', [[1, 'x']], [3], { a: 1 }])
      expect(rankingsOf({ filtered }, {})).toEqual([]);
  });

  test('of an image with objects are those of the best objects', () => {
    const outputs = [
      output([2, 4], [10, 5, 60, 30, 0, 0, 20, 10], 'boxes'),
      output([2], [1, 0], 'labels'),
      output([2], [0.4, 0.9], 'scores'),
    ];
    const [ranking, ...others] = rankingsOf({ outputs }, { labels: ['cat', 'dog'] });
    expect(others).toEqual([]);
    expect(ranking?.classes).toEqual([
      { index: 0, value: 0.9, name: 'cat' },
      { index: 1, value: 0.4, name: 'dog' },
    ]);
  });

  test('of an error are none', () => {
    expect(rankingsOf({ error: 'x' }, {})).toEqual([]);
  });
});

describe('a bar', () => {
  const bars = (values: number[], areShares: boolean) =>
    barLengths({ title: '', areShares, classes: values.map((value, index) => ({ index, value })) });

  test('of a share is as long as the share', () => {
    expect(bars([0.7, 0.2], true)).toEqual([0.7, 0.2]);
  });

  test('of another value is measured by the greatest', () => {
    expect(bars([8, 4, 0], false)).toEqual([1, 0.5, 0]);
  });

  test('below zero is measured from the least, and equal values have no length to compare', () => {
    expect(bars([2, 0, -2], false)).toEqual([1, 0.5, 0]);
    expect(bars([0, 0], false)).toEqual([0, 0]);
  });
});
