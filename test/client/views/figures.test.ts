import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { awayRow, putIn, short, span } from '../../../client/src/views/figures.ts';
import { runs } from '../../support/runs.ts';

test.each([
  [0, '0'],
  [0.4, '0'],
  [-0, '0'],
  [9_999.4, '9999'],
  [9_999.5, '10.0k'],
  [10_049, '10.0k'],
  [999_949, '999.9k'],
  [999_950, '1.0M'],
  [999_999.9, '1.0M'],
  [1_000_000, '1.0M'],
  [1_250_000_000, '1250.0M'],
])('%d is shown as %s', (value, shown) => {
  expect(short(value)).toBe(shown);
});

test.each([
  [0, '0 ms'],
  [0.4, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1_000, '1 s'],
  [119_499, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [86_400_000, '24 h'],
])('%d ms last %s', (ms, shown) => {
  expect(span(ms)).toBe(shown);
});

test('a figure that grows never looks smaller, and is no further from what it says than its last digit', () => {
  const said = (text: string) => parseFloat(text) * (text.endsWith('M') ? 1e6 : text.endsWith('k') ? 1e3 : 1);
  const figure = fc.oneof(fc.nat(20_000), fc.nat(2_000_000), fc.double({ min: 0, max: 2e6, noNaN: true }));
  fc.assert(
    fc.property(figure, figure, (a, b) => {
      const [less, more] = a < b ? [a, b] : [b, a];
      expect(said(short(more))).toBeGreaterThanOrEqual(said(short(less)));
      const digit = short(more).endsWith('M') ? 1e5 : short(more).endsWith('k') ? 100 : 1;
      expect(Math.abs(said(short(more)) - more)).toBeLessThanOrEqual(digit / 2 + 1);
      expect(short(more)).not.toMatch(/^\d{4,}\.\dk/);
    }),
    runs(2_000),
  );
});

describe('the time at which a record was put in', () => {
  test.each([
    ['1700000000000-0', 1_700_000_000_000],
    ['1700000000000-18446744073709551615', 1_700_000_000_000],
  ])('is the beginning of its id %s', (id, at) => {
    expect(putIn(id)?.getTime()).toBe(at);
  });

  test.each([
    '0-15',
    '31-9007199254740993',
    'dead-7',
    '5-0',
    '',
    '-',
    '1700000000000',
    '1700000000000-x',
    '99999999999999999-0',
  ])('is not to be seen in %j: a partition, an offset or an id of a client', (id) => {
    expect(putIn(id)).toBeUndefined();
  });
});

test('of what cannot be asked, a row says why, twice: the description may be cut', () => {
  const row = awayRow('id', 'a', 'Redis is away', 'queueAway');
  expect([row.description, row.tooltip]).toEqual(['Redis is away', 'Redis is away']);
});
