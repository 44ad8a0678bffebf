import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SecretPair } from '../../../../schemas/encryption.ts';
import { deriveKeys, type Keys } from '../../../../server/src/encryption/deriveKeys.ts';
import { encryptImage } from '../../../../server/src/encryption/imageCipher.ts';
import { createImageKeys, type ImageKeys } from '../../../../server/src/engine/records/imageKeys.ts';
import { createLog } from '../../../../server/src/engine/log.ts';
import { createHandClock } from '../../../support/handClock.ts';
import { otherPair, pair } from '../../encryption/vectors.ts';

const jpeg = Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe0), Buffer.alloc(40, 7)]);
const png = readFileSync(join(import.meta.dirname, '../../../../media/icon.png'));

let keys: Keys;
let otherKeys: Keys;

beforeAll(async () => {
  keys = await deriveKeys(pair);
  otherKeys = await deriveKeys(otherPair);
});

async function imageKeys(given: SecretPair | undefined) {
  const store = { pair: given, reads: 0, isAway: false };
  const lines: string[] = [];
  const clock = createHandClock();
  const made: ImageKeys = await createImageKeys({
    queue: {
      readSecret() {
        store.reads += 1;
        return store.isAway ? Promise.reject(new Error('away')) : Promise.resolve(store.pair);
      },
    },
    clock,
    log: createLog(({ message }) => void lines.push(message)),
  });
  return { ...made, store, lines, clock };
}

/** The image, or the code of the error. */
async function outcome(decrypt: () => unknown): Promise<unknown> {
  try {
    return await decrypt();
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
}

describe('an encrypted image', () => {
  test.each([256, 128] as const)('is decrypted at once with a key of %i bits', async (bits) => {
    const { decrypt } = await imageKeys(pair);
    for (const image of [jpeg, png]) expect(decrypt('i', encryptImage(image, keys, bits))).toEqual(image);
  });

  test('may be the base64 of an image that was encrypted', async () => {
    const { decrypt } = await imageKeys(pair);
    expect(decrypt('i', encryptImage(Buffer.from(jpeg.toString('base64')), keys))).toEqual(jpeg);
  });

  test('of what is no image is named', async () => {
    const { decrypt } = await imageKeys(pair);
    expect(await outcome(() => decrypt('i', encryptImage(Buffer.from('a\0b'), keys)))).toBe(
      'record-undecodable',
    );
  });

  test('is decrypted by the words that everyone knows where there is no secret, which is said', async () => {
    const { decrypt, lines } = await imageKeys(undefined);
    expect(decrypt('i', encryptImage(jpeg, keys))).toEqual(jpeg);
    expect(lines).toEqual([expect.stringContaining('everyone knows')]);
    expect((await imageKeys(pair)).lines).toEqual([]);
  });

  test('of another key, changed or cut off is refused, and so is one that is plain', async () => {
    const { decrypt } = await imageKeys(pair);
    const encrypted = encryptImage(jpeg, keys);
    for (const bytes of [encryptImage(jpeg, otherKeys), encrypted.subarray(1), Buffer.alloc(0), jpeg, png])
      expect(await outcome(() => decrypt('i', bytes))).toBe('record-undecryptable');
    await expect(Promise.resolve().then(() => decrypt('the image "x"', png))).rejects.toThrow(
      /^the image "x" is not encrypted/,
    );
  });
});

describe('a secret that is set later', () => {
  test('counts from the next image on, and is looked for once a second at most', async () => {
    const { decrypt, store, clock } = await imageKeys(undefined);
    store.pair = otherPair;
    const encrypted = encryptImage(jpeg, otherKeys);
    expect(await outcome(() => decrypt('i', encrypted))).toBe('record-undecryptable');
    expect(store.reads).toBe(1);
    clock.advance(1_000);
    const both = await Promise.all([decrypt('i', encrypted), decrypt('i', encrypted)]);
    expect([both, store.reads]).toEqual([[jpeg, jpeg], 2]);
    expect(decrypt('i', encrypted)).toEqual(jpeg);
  });

  test('leaves those that do not decrypt refused', async () => {
    const { decrypt, clock } = await imageKeys(pair);
    clock.advance(1_000);
    expect(await outcome(() => decrypt('i', encryptImage(jpeg, otherKeys)))).toBe('record-undecryptable');
  });

  test('is the old one while the store is away', async () => {
    const { decrypt, store, clock } = await imageKeys(pair);
    store.isAway = true;
    clock.advance(1_000);
    expect(await outcome(() => decrypt('i', encryptImage(jpeg, otherKeys)))).toBe('record-undecryptable');
    expect(decrypt('i', encryptImage(jpeg, keys))).toEqual(jpeg);
  });
});
