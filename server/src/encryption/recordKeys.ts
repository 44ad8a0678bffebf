import { knownRecordWords, type SecretPair } from '../../../schemas/encryption.ts';
import { Secret } from '../../../schemas/secret.ts';
import { deriveKeys, type Keys } from './deriveKeys.ts';

/** The keys of the images in records. */
export interface RecordKeys {
  readonly keys: Keys;
  /** There is no secret: they come from the words that the original has in its source. */
  readonly areKnown: boolean;
}

const knownPair: SecretPair = {
  secret: new Secret(knownRecordWords.secret),
  salt: new Secret(knownRecordWords.salt),
};

/** @param pair  that Redis has, if any */
export async function recordKeysOf(pair: SecretPair | undefined): Promise<RecordKeys> {
  return { keys: await deriveKeys(pair ?? knownPair), areKnown: pair === undefined };
}
