import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { deriveKeys, type Keys } from '../../../server/src/encryption/deriveKeys.ts';
import { decryptImage, encryptImage } from '../../../server/src/encryption/imageCipher.ts';
import { runs } from '../../support/runs.ts';
import { otherPair, pair, plain, recordIv, recordVectors } from './vectors.ts';

let keys: Keys;
let otherKeys: Keys;

beforeAll(async () => {
  keys = await deriveKeys(pair);
  otherKeys = await deriveKeys(otherPair);
});

describe('an image', () => {
  test.each(recordVectors)(
    'is encrypted as the original does with a key of %i bits, and decrypted',
    (bits, text) => {
      expect(encryptImage(plain, keys, bits, recordIv).toString('base64')).toBe(text);
      expect(decryptImage(Buffer.from(text, 'base64'), keys)).toEqual(plain);
    },
  );

  test('of any bytes comes back, and by no other key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(256, 128), (bytes, bits) => {
        const encrypted = encryptImage(bytes, keys, bits);
        expect(decryptImage(encrypted, keys)).toEqual(Buffer.from(bytes));
        expect(decryptImage(encrypted, otherKeys)).toBe(undefined);
      }),
      runs(100),
    );
  });

  test('is refused with any bit changed, and when it is cut off', () => {
    const encrypted = encryptImage(randomBytes(50), keys);
    for (let i = 0; i < encrypted.length; i++) {
      const changed = Buffer.from(encrypted);
      changed[i] = (changed[i] ?? 0) ^ 4;
      expect(decryptImage(changed, keys)).toBe(undefined);
      expect(decryptImage(encrypted.subarray(0, i), keys)).toBe(undefined);
    }
  });

  test('is encrypted differently each time', () => {
    expect(encryptImage(plain, keys)).not.toEqual(encryptImage(plain, keys));
  });
});
