import { setModelSecretCommand } from '../../../schemas/encryption.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { secretsKey } from '../../../schemas/redis/redisKeys.ts';
import type { SecretStore } from '../queue/store.ts';

/** @throws ServingError "model-secret-missing" */
export async function requireModelSecret(secrets: SecretStore): Promise<string> {
  if (await secrets.readSecret('model')) return `is in ${secretsKey}`;
  throw new ServingError(
    'model-secret-missing',
    `There is none in ${secretsKey}: a start waits for it. Set it with: ${setModelSecretCommand}`,
  );
}
