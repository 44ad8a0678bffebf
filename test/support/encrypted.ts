import { readFileSync } from 'node:fs';
import type { SecretKind } from '../../schemas/encryption.ts';
import { Secret } from '../../schemas/secret.ts';
import type { KeyBits, SecretPair } from '../../schemas/encryption.ts';
import { deriveKeys } from '../../server/src/encryption/deriveKeys.ts';
import { encryptImage } from '../../server/src/encryption/imageCipher.ts';
import { encryptModelFolder } from '../../server/src/jobs/encryptModelFolder.ts';
import type { TestRedis } from './redis.ts';

export function pairOf(secret: string, salt: string): SecretPair {
  return { secret: new Secret(secret), salt: new Secret(salt) };
}

/** Encrypts the model of a folder into another. @returns that */
export async function encryptFolder(
  from: string,
  out: string,
  pair: SecretPair,
  bits: KeyBits = 256,
): Promise<string> {
  return (await encryptModelFolder({ path: from, out, pair, bits, overwrites: false })).folder;
}

/** Writes an encrypted image beside others. @returns its base64 */
export async function encryptedImage(image: string, pair: SecretPair, bits: KeyBits = 256): Promise<string> {
  return encryptImage(readFileSync(image), await deriveKeys(pair), bits).toString('base64');
}

export async function putSecret(redis: TestRedis, kind: SecretKind, pair: SecretPair): Promise<void> {
  await redis.client.hset(kind === 'model' ? 'model_secured' : 'record_secured', {
    secret: pair.secret.reveal(),
    salt: pair.salt.reveal(),
  });
}
