import fc from 'fast-check';
import { expect, test } from 'vitest';
import { figure, roundTop } from '../../../web/design/figure.ts';

test.each([
  [0, '0'],
  [0.000123456, '0.000123'],
  [1.2345, '1.23'],
  [99.96, '100'],
  [1234.5, '1235'],
  [-1234.5, '-1234'],
  [-0.5, '-0.5'],
])('%d is read as %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

test.each([
  [0, 1],
  [0.03, 0.05],
  [1, 1],
  [1.01, 2],
  [2.2, 2.5],
  [17, 20],
  [100, 100],
  [101, 200],
  [2_400, 2_500],
])('an axis up to %d ends at %d', (value, top) => {
  expect(roundTop(value)).toBe(top);
});

test('the top of an axis is never below its highest value, and never far above it', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
      const top = roundTop(value);
      expect(top).toBeGreaterThanOrEqual(value * (1 - 1e-6));
      expect(top).toBeLessThanOrEqual(value * 2.01);
    }),
  );
});
