import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedByBounds, timeBounds } from '../../../schemas/redis/recordLimits.ts';
import { fieldOf, numberOf } from '../../../server/src/queue/fields.ts';

describe('a field of an entry', () => {
  test('is found by its name and never by a value that looks like the name', () => {
    const fields = ['data', 'uri', 'dead-reason', 'data', 'uri', 'dead-reason'];
    expect(fieldOf(fields, 'uri')).toBe('dead-reason');
    expect(fieldOf(fields, 'dead-reason')).toBe('data');
    expect(fieldOf(fields, 'data')).toBe('uri');
  });

  test('is absent where only its name is left', () => {
    expect(fieldOf(['uri', 'a', 'data'], 'data')).toBeUndefined();
    expect(fieldOf<string>([], 'uri')).toBeUndefined();
  });
});

describe('a number that a client wrote', () => {
  test('within its bounds reads as written', () => {
    fc.assert(
      fc.property(fc.integer(sharedByBounds), (n) => {
        expect(numberOf(String(n), sharedByBounds)).toBe(n);
      }),
    );
  });

  test.each([
    '1e400',
    '1e3',
    '-1',
    '0',
    '1.5',
    '0x10',
    ' 7',
    '7 ',
    '',
    'NaN',
    'Infinity',
    '１',
    '9'.repeat(17),
    '1025',
  ])('as %j is absent', (text) => {
    expect(numberOf(text, sharedByBounds)).toBeUndefined();
  });

  test('as any text is a whole number within its bounds, or absent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String)), (text) => {
        const number = numberOf(text, timeBounds);
        if (number === undefined) return;
        expect(Number.isSafeInteger(number)).toBe(true);
        expect(number).toBeGreaterThanOrEqual(timeBounds.min);
        expect(number).toBeLessThanOrEqual(timeBounds.max);
      }),
    );
  });
});
