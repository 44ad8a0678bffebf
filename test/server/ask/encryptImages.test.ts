import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SecretPair } from '../../../schemas/encryption.ts';
import { contentOf } from '../../../server/src/ask/content.ts';
import {
  createImageEncryption,
  encryptImages,
  type EncryptImage,
} from '../../../server/src/ask/encryptImages.ts';
import { prepare } from '../../../server/src/ask/prepare.ts';
import { decodeTypedRecord } from '../../../server/src/codec/typedForm.ts';
import { deriveKeys } from '../../../server/src/encryption/deriveKeys.ts';
import { wholeOf } from '../../../server/src/queue/payload.ts';
import { decryptImage } from '../../../server/src/encryption/imageCipher.ts';
import type { RecordInput, RecordInputs } from '../../../server/src/tensor/tensor.ts';
import { otherPair, pair } from '../encryption/vectors.ts';

const png = readFileSync(join(import.meta.dirname, '../../../media/icon.png'));
/** Something whose bytes show that it was encrypted, and from what. */
const reverse: EncryptImage = (image) => Buffer.from(image).reverse();
const image = (bytes: Uint8Array): RecordInput => ({
  kind: 'image',
  base64: Buffer.from(bytes).toString('base64'),
});
const model = {
  inputs: [{ name: 'x', type: 'float32', shape: [null, 3, null, null] }],
  outputs: [],
  batched: true,
};

test('images are encrypted as the secret in Redis says, by the known words without one', async () => {
  for (const [given, by] of [
    [otherPair, otherPair],
    [undefined, pair],
  ] as const) {
    const encrypt = await createImageEncryption(() => Promise.resolve(given))();
    expect(decryptImage(encrypt(png), await deriveKeys(by))).toEqual(png);
  }
});

test('the secret is read once for what comes together, and again after it could not be read', async () => {
  let reads = 0;
  let isAway = true;
  const encryption = createImageEncryption((): Promise<SecretPair | undefined> => {
    reads += 1;
    return isAway ? Promise.reject(new Error('away')) : Promise.resolve(pair);
  });
  await expect(encryption()).rejects.toThrow('away');
  isAway = false;
  await Promise.all([encryption(), encryption()]);
  expect(reads).toBe(2);
});

test('a plain image is checked and encrypted in both forms, and one that is encrypted goes as it came', () => {
  const cipher = Buffer.from('what a client has encrypted');
  for (const [given, sent] of [
    [png, reverse(png)],
    [cipher, cipher],
  ] as const) {
    const prepared = prepare('instances[0]', new Map([['x', image(given)]]), model, reverse);
    const { data } = contentOf(prepared, false);
    expect(JSON.parse(data as string)).toEqual({ instances: [{ x: { b64: sent.toString('base64') } }] });
    const typed = wholeOf(contentOf(prepared, true).data) as Buffer;
    const bytes = decodeTypedRecord(typed).get('x');
    expect(bytes).toEqual({ kind: 'imageFile', bytes: sent });
  }
  const cut = new Map([['x', image(png.subarray(0, 60))]]);
  expect(() => prepare('instances[0]', cut, model, reverse)).toThrow(/cut off/);
});

test('strings of a model of strings, and tensors, are never encrypted', () => {
  const strings = { ...model, inputs: [{ name: 'x', type: 'string', shape: [null, 1] }] };
  const prepared = prepare('instances[0]', new Map([['x', image(png)]]), strings, reverse);
  expect(prepared.tensors?.get('x')).toMatchObject({ type: 'string' });
});

test('of a record for workers that report nothing, the images are encrypted and nothing else', () => {
  const text: RecordInput = { kind: 'image', base64: 'no base64, and no image' };
  const tensor: RecordInput = { kind: 'dense', type: 'float32', shape: [1], data: Float32Array.of(1) };
  const inputs: RecordInputs = new Map([
    ['a', image(png)],
    ['b', text],
    ['c', tensor],
  ]);
  expect([...encryptImages(inputs, reverse)]).toEqual([
    ['a', image(reverse(png))],
    ['b', text],
    ['c', tensor],
  ]);
  const without: RecordInputs = new Map([['c', tensor]]);
  expect(encryptImages(without, reverse)).toBe(without);
});
