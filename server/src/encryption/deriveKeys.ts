import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { keyBits, type KeyBits, type SecretPair } from '../../../schemas/encryption.ts';

/** Keys by their lengths in bits, the usual length first. */
export type Keys = readonly { readonly bits: KeyBits; readonly key: Buffer }[];

/** As the original derives them. @see BigDL EncryptSupportive.scala */
const iterations = 65_536;
const digest = 'sha256';
const longest = Math.max(...keyBits) / 8;

/** A program meets a few: one of its model and one of its records, and those that were wrong. */
const maxKept = 16;
const kept = new Map<string, Promise<Keys>>();

const derive = promisify(pbkdf2);

/** The keys of a secret. They take some 80 ms of another thread, once: they are kept. The shorter key is the beginning of the
 *  longer one, as PBKDF2 makes both of the same block. */
export function deriveKeys({ secret, salt }: SecretPair): Promise<Keys> {
  const name = JSON.stringify([secret.reveal(), salt.reveal()]);
  const known = kept.get(name);
  if (known) return known;
  const keys = derive(secret.reveal(), salt.reveal(), iterations, longest, digest).then((whole) =>
    keyBits.map((bits) => ({ bits, key: whole.subarray(0, bits / 8) })),
  );
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= maxKept) kept.delete(oldest);
  kept.set(name, keys);
  return keys;
}

/** The key of a length. */
export function keyOf(keys: Keys, bits: KeyBits): Buffer {
  return keys.find((one) => one.bits === bits)?.key as Buffer;
}
