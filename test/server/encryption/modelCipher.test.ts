import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { deriveKeys, keyOf, type Keys } from '../../../server/src/encryption/deriveKeys.ts';
import { latin1ToUtf8 } from '../../../server/src/encryption/latin1.ts';
import { decryptModelFile, encryptModelFile } from '../../../server/src/encryption/modelCipher.ts';
import { runs } from '../../support/runs.ts';
import { modelIv, modelVectors, otherPair, pair, plain } from './vectors.ts';

let keys: Keys;
let otherKeys: Keys;

beforeAll(async () => {
  keys = await deriveKeys(pair);
  otherKeys = await deriveKeys(otherPair);
});

describe('a file of a model', () => {
  test.each(modelVectors)(
    'is written as the original writes it with a key of %i bits, and read',
    (bits, text) => {
      expect(encryptModelFile(plain, keys, bits, modelIv).toString()).toBe(text);
      expect(decryptModelFile(Buffer.from(text), keys)).toEqual(plain);
    },
  );

  test('of any bytes and of any length comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(256, 128), (bytes, bits) => {
        const text = encryptModelFile(bytes, keys, bits);
        expect(text.toString('latin1')).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
        expect(decryptModelFile(text, keys)).toEqual(Buffer.from(bytes));
      }),
      runs(200),
    );
  });

  test('of more bytes than are handled at once comes back', () => {
    const bytes = randomBytes(4 * 1024 * 1024 + 5);
    const text = encryptModelFile(bytes, keys);
    expect((decryptModelFile(text, keys) as Buffer).equals(bytes)).toBe(true);
  });

  test('may have line breaks in its text', () => {
    const text = encryptModelFile(plain, keys).toString();
    const broken = `${text.slice(0, 20)}\r\n${text.slice(20)}\n`;
    expect(decryptModelFile(Buffer.from(broken), keys)).toEqual(plain);
  });

  test('that the Python helper filled up to blocks of 32 is read', () => {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-256-cbc', keyOf(keys, 256), iv).setAutoPadding(false);
    const filled = Buffer.concat([Buffer.from('abc'), Buffer.alloc(29, 29)]);
    const text = Buffer.concat([iv, cipher.update(filled), cipher.final()]).toString('base64');
    expect(decryptModelFile(Buffer.from(text), keys)?.toString()).toBe('abc');
  });

  test('is not decrypted by another key', () => {
    for (let i = 0; i < 300; i++)
      expect(decryptModelFile(encryptModelFile(randomBytes(64), keys), otherKeys)).toBe(undefined);
  });

  test('that was cut off or changed does not come back as it was', () => {
    const bytes = randomBytes(1_000);
    const text = encryptModelFile(bytes, keys);
    expect(decryptModelFile(text.subarray(0, text.length - 4), keys)).toBe('not encrypted');
    const whole = Buffer.from(text.toString(), 'base64');
    whole[500] = (whole[500] ?? 0) ^ 1;
    expect(decryptModelFile(Buffer.from(whole.toString('base64')), keys)).toBe(undefined);
  });

  test.each([
    ['nothing', ''],
    ['less than two blocks', randomBytes(16).toString('base64')],
    ['no whole blocks', randomBytes(40).toString('base64')],
    ['the plain definition', '<?xml version="1.0"?><net name="x" version="11"></net>'],
    ['bytes', latin1ToUtf8(randomBytes(64)).toString('latin1')],
    ['padding in the middle', `AAAA=${'A'.repeat(59)}`],
  ])('is distinguished from %s', (_, text) => {
    expect(decryptModelFile(Buffer.from(text, 'latin1'), keys)).toBe('not encrypted');
  });
});
