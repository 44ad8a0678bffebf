import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latin1ToUtf8, utf8ToLatin1 } from '../../../server/src/encryption/latin1.ts';
import { runs } from '../../support/runs.ts';

describe('bytes as ISO-8859-1 text in UTF-8', () => {
  test('are what a decoder of text and an encoder make of them, and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const utf8 = latin1ToUtf8(bytes);
        expect(utf8).toEqual(Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8'));
        expect(utf8ToLatin1(utf8)).toEqual(Buffer.from(bytes));
      }),
      runs(200),
    );
  });

  test('are refused where a text could not have come from bytes', () => {
    for (const hex of ['80', 'c2', 'c2c2', 'c080', 'c180', 'c480', 'e282ac', 'ff', 'c3'])
      expect([hex, utf8ToLatin1(Buffer.from(hex, 'hex'))]).toEqual([hex, undefined]);
  });

  test('of any text beyond ISO-8859-1 are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
        const isLatin1 =
          Buffer.from(text, 'utf8').equals(bytes) && Array.from(text).every((letter) => letter <= 'ÿ');
        expect(utf8ToLatin1(bytes) !== undefined).toBe(isLatin1);
      }),
      runs(500),
    );
  });
});
