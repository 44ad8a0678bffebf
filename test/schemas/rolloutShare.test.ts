import { describe, expect, test } from 'vitest';
import { isInShare } from '../../schemas/rolloutShare.ts';

const kinds: Readonly<Record<string, (i: number) => string>> = {
  'with a running number': (i) => String(i),
  'with a number at the end': (i) => `image-${i}`,
  'with a number at the beginning': (i) => `${i}~large.jpg`,
  'of paths with zeros': (i) => `/data/${String(i).padStart(9, '0')}.png`,
  'in another script': (i) => `记录${i}`,
  'of ids of a stream': (i) => `${1_700_000_000_000 + i}-0`,
};

describe('the share of a rollout', () => {
  test.each(Object.entries(kinds))('is near what was asked, for names %s', (_, name) => {
    for (const percent of [1, 10, 50, 90]) {
      const taken = Array.from({ length: 10_000 }, (__, i) => isInShare(name(i), percent)).filter(Boolean);
      // Five standard deviations of a fair draw.
      const slack = 5 * Math.sqrt(percent * (100 - percent));
      expect(Math.abs(taken.length - percent * 100)).toBeLessThan(slack);
    }
  });

  test('is the same for a name each time, and a larger share keeps what a smaller one has', () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `uri-${i}`);
    const of = (percent: number) => names.filter((name) => isInShare(name, percent));
    expect(of(10)).toEqual(of(10));
    expect(of(30)).toEqual(expect.arrayContaining(of(10)));
  });

  test('is the one that workers of other versions of the program choose', () => {
    // Written down: a change of the hash would move records between versions during an upgrade.
    const names = ['a', 'b', 'uri-1', 'uri-2', '', '记录'];
    const sides = (percent: number) => names.map((name) => isInShare(name, percent));
    expect([sides(25), sides(50), sides(75)]).toMatchInlineSnapshot(`
      [
        [
          false,
          true,
          true,
          false,
          false,
          false,
        ],
        [
          false,
          true,
          true,
          true,
          false,
          false,
        ],
        [
          true,
          true,
          true,
          true,
          true,
          false,
        ],
      ]
    `);
  });

  test('is nothing of 0 percent, and all of 100', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `uri-${i}`);
    expect(names.filter((name) => isInShare(name, 0))).toEqual([]);
    expect(names.every((name) => isInShare(name, 100))).toBe(true);
  });
});
