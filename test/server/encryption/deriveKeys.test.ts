import { expect, test } from 'vitest';
import { deriveKeys, keyOf } from '../../../server/src/encryption/deriveKeys.ts';
import { Secret } from '../../../schemas/secret.ts';
import { key256, otherKey256, otherPair, pair } from './vectors.ts';

test('keys are those that the original derives, and the short one begins the long one', async () => {
  const keys = await deriveKeys(pair);
  expect(keyOf(keys, 256).toString('hex')).toBe(key256);
  expect(keyOf(keys, 128).toString('hex')).toBe(key256.slice(0, 32));
  expect(keyOf(await deriveKeys(otherPair), 256).toString('hex')).toBe(otherKey256);
});

test('the keys of a secret are derived once', () => {
  const again = { secret: new Secret('secret'), salt: new Secret('salt') };
  expect(deriveKeys(again)).toBe(deriveKeys(pair));
  expect(deriveKeys({ secret: new Secret('secretsalt'), salt: new Secret('') })).not.toBe(
    deriveKeys({ secret: new Secret('secret'), salt: new Secret('salt') }),
  );
});

test('only the last secrets are remembered', () => {
  const first = { secret: new Secret('first'), salt: new Secret('salt') };
  const keys = deriveKeys(first);
  for (let i = 0; i < 16; i++)
    void deriveKeys({ secret: new Secret(`later ${i}`), salt: new Secret('salt') });
  expect(deriveKeys(first)).not.toBe(keys);
});

test('secrets and salts are taken as UTF-8', async () => {
  const keys = await deriveKeys({ secret: new Secret('Schlüssel'), salt: new Secret('密钥') });
  expect(keyOf(keys, 256)).toHaveLength(32);
  expect(keyOf(keys, 256)).not.toEqual(
    keyOf(await deriveKeys({ secret: new Secret('Schlussel'), salt: new Secret('密钥') }), 256),
  );
});
