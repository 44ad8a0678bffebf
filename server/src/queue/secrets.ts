import type { Redis } from 'ioredis';
import type { SecretKind, SecretPair } from '../../../schemas/encryption.ts';
import { recordSecretsKey, secretFields, secretsKey } from '../../../schemas/redis/redisKeys.ts';
import { Secret } from '../../../schemas/secret.ts';

/** The hash of a pair. */
export function secretKeyOf(kind: SecretKind): string {
  return kind === 'model' ? secretsKey : recordSecretsKey;
}

/** @returns undefined while the pair is not there as a whole */
export async function readSecret(redis: Redis, kind: SecretKind): Promise<SecretPair | undefined> {
  const [secret, salt] = await redis.hmget(secretKeyOf(kind), secretFields.secret, secretFields.salt);
  return pairOf(secret ?? '', salt ?? '');
}

/** @returns undefined unless both are there */
export function pairOf(secret: string, salt: string): SecretPair | undefined {
  return secret === '' || salt === '' ? undefined : { secret: new Secret(secret), salt: new Secret(salt) };
}

/** Puts a pair there in one step: a reader never meets one half with the other of before. */
export async function writeSecret(
  redis: Redis,
  kind: SecretKind,
  { secret, salt }: SecretPair,
): Promise<void> {
  await redis.hset(secretKeyOf(kind), {
    [secretFields.secret]: secret.reveal(),
    [secretFields.salt]: salt.reveal(),
  });
}
