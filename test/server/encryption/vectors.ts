import { Secret } from '../../../schemas/secret.ts';
import type { SecretPair } from '../../../schemas/encryption.ts';

/* Made by Node's own functions; the original's class EncryptSupportive (bigdl-orca-spark2 2.4.0) decrypts all four texts to the
   same bytes. */

export const pair: SecretPair = { secret: new Secret('secret'), salt: new Secret('salt') };
export const otherPair: SecretPair = {
  secret: new Secret('analytics-zoo'),
  salt: new Secret('intel-analytics'),
};

export const key256 = '7a687b1daaf63cbface7cd89bcb4ae546a1292ec83ffcdf55cb7af7d4fe5618d';
export const otherKey256 = '5e15223ba20db4be107dbfb57a6b572691f5adb2daa316329502c77f4b95c117';

export const plain = Buffer.from('00017f80ffc3280a0d00', 'hex');

export const modelVectors = [
  [256, 'AAECAwQFBgcICQoLDA0OD9p+jbP+xQ3uOB5hbzGZyBY='],
  [128, 'AAECAwQFBgcICQoLDA0ODxxaff9nEY09y9XIEKqXy5g='],
] as const;
export const modelIv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

export const recordVectors = [
  [256, 'AAECAwQFBgcICQoLyxxxfQCzccRe47jLhN3vokyERTDoJiRlZKg='],
  [128, 'AAECAwQFBgcICQoLWv2LeC43rDWbt8+hJtzQ5L3eXq0SPBmx7U8='],
] as const;
export const recordIv = Buffer.from('000102030405060708090a0b', 'hex');
