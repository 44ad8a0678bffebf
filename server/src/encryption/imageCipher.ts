import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyBits } from '../../../schemas/encryption.ts';
import { keyOf, type Keys } from './deriveKeys.ts';

/* An encrypted image is an initialization vector, what AES-GCM makes of the image, and the tag that proves it. In the
   original's forms of records it stands in base64, as images do. @see BigDL EncryptSupportive.scala, encryptBytesWithAESGCM */

const ivBytes = 12;
const tagBytes = 16;

export function encryptImage(
  image: Uint8Array,
  keys: Keys,
  bits: KeyBits = 256,
  iv: Uint8Array = randomBytes(ivBytes),
): Buffer {
  const cipher = createCipheriv(`aes-${bits}-gcm`, keyOf(keys, bits), iv);
  return Buffer.concat([iv, cipher.update(image), cipher.final(), cipher.getAuthTag()]);
}

/** @returns what was encrypted; undefined where no key does it, or something was changed */
export function decryptImage(encrypted: Uint8Array, keys: Keys): Buffer | undefined {
  if (encrypted.length < ivBytes + tagBytes) return undefined;
  const end = encrypted.length - tagBytes;
  for (const { bits, key } of keys) {
    const decipher = createDecipheriv(`aes-${bits}-gcm`, key, encrypted.subarray(0, ivBytes));
    decipher.setAuthTag(encrypted.subarray(end));
    const image = decipher.update(encrypted.subarray(ivBytes, end));
    try {
      return Buffer.concat([image, decipher.final()]);
    } catch {
      // The tag is of another key, or of other bytes.
    }
  }
  return undefined;
}
