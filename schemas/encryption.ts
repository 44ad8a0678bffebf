import type { Secret } from './secret.ts';

/** The encryption of models and of the images in records, as the original has it. */

/** What is kept secret: keys are derived from both. */
export interface SecretPair {
  readonly secret: Secret;
  readonly salt: Secret;
}

/** What a pair of secret and salt is for. */
export type SecretKind = 'model' | 'record';

/** The lengths of keys, in bits: those of the original since 2.1.0, and those of 2.0.0 and Analytics Zoo. */
export const keyBits = [256, 128] as const;
export type KeyBits = (typeof keyBits)[number];

/** What the original encrypts records with, always: these words stand in its source. */
export const knownRecordWords = { secret: 'secret', salt: 'salt' } as const;

/** Where commands take a secret and its salt from, before they read the standard input or ask. */
export const secretVariables: Readonly<
  Record<SecretKind, { readonly secret: string; readonly salt: string }>
> = {
  model: { secret: 'CLUSTER_SERVING_MODEL_SECRET', salt: 'CLUSTER_SERVING_MODEL_SALT' },
  record: { secret: 'CLUSTER_SERVING_RECORD_SECRET', salt: 'CLUSTER_SERVING_RECORD_SALT' },
};

/** How often a worker that waits for the secret of its model looks for it, in ms. */
export const secretPollMs = 500;

/** The commands that put secrets into Redis. */
export const setModelSecretCommand = 'cluster-serving secret set';
export const setRecordSecretCommand = 'cluster-serving secret set --record';

/** Said wherever images are encrypted by words that everyone can read. */
export const knownWordsWarning = `Without a secret for records in Redis, images are encrypted with the words "${knownRecordWords.secret}" and "${knownRecordWords.salt}", as the original does, which everyone knows. Set a secret with: ${setRecordSecretCommand}`;
