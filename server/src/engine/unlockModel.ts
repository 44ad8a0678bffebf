import { statSync } from 'node:fs';
import { secretPollMs, setModelSecretCommand, type SecretPair } from '../../../schemas/encryption.ts';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { SecretNeeded } from '../../../schemas/jobEvents.ts';
import { secretsKey } from '../../../schemas/redis/redisKeys.ts';
import { deriveKeys } from '../encryption/deriveKeys.ts';
import { decryptModel, readEncrypted } from '../model/decryptModel.ts';
import type { ModelSource } from '../model/session.ts';
import type { WorkerStore } from '../queue/recordQueue.ts';
import type { Log } from './log.ts';

export interface UnlockOptions {
  readonly source: ModelSource;
  readonly queue: Pick<WorkerStore, 'readSecret'>;
  readonly log: Log;
  /** Called with what is missing, whenever that changes. */
  readonly onNeeds: (needs: SecretNeeded) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** How often the secret is looked for, in ms. */
  readonly pollMs?: number;
}

export const missingSecret: SecretNeeded = {
  code: 'model-secret-missing',
  message: `The model is encrypted, and its secret and salt are not in ${secretsKey} in Redis. Set them with "${setModelSecretCommand}", or by POST /model-secure at an HTTP frontend.`,
};

/** Waits until the secret of an encrypted model is in Redis and decrypts the model by it. A wrong one does not end the wait:
 *  another may follow, or the model may be encrypted again.
 *  @returns undefined when the wait was ended
 *  @throws ServingError "model-missing", "model-damaged", "model-unsupported" or "redis-rights" */
export async function unlockModel({
  source,
  queue,
  log,
  onNeeds,
  signal,
  pollMs = secretPollMs,
}: UnlockOptions): Promise<ModelSource | undefined> {
  let tried: string | undefined;
  let said: string | undefined;
  const need = (needs: SecretNeeded) => {
    if (needs.message === said) return;
    said = needs.message;
    log.warn(`waiting for the secret of the model: ${needs.message}`);
    onNeeds(needs);
  };
  const look = createLook(queue, log);
  while (!signal.aborted) {
    const pair = await look();
    if (pair === undefined) need(missingSecret);
    else if (pair !== 'unknown' && tried !== attemptOf(source, pair)) {
      tried = attemptOf(source, pair);
      try {
        return await decryptModel(source, await readEncrypted(source), await deriveKeys(pair));
      } catch (error) {
        if (!(error instanceof ServingError && error.code === 'model-secret-wrong')) throw error;
        need({ code: error.code, message: error.message });
      }
    }
    await pause(pollMs, signal);
  }
  return undefined;
}

/** Asks the store. One that is away is asked again. */
function createLook(
  queue: UnlockOptions['queue'],
  log: Log,
): () => Promise<SecretPair | undefined | 'unknown'> {
  let trouble: string | undefined;
  return async () => {
    try {
      const pair = await queue.readSecret('model');
      trouble = undefined;
      return pair;
    } catch (error) {
      if (error instanceof ServingError && error.code === 'redis-rights') throw error;
      const message = messageOf(error);
      if (message !== trouble) log.warn(`waiting for Redis, to look for the secret of the model: ${message}`);
      trouble = message;
      return 'unknown';
    }
  };
}

/** A pair that failed is tried again only with other files. It stays in memory, and is compared and nothing else. */
function attemptOf({ file, weights }: ModelSource, { secret, salt }: SecretPair): string {
  const times = [file, ...(weights === undefined ? [] : [weights])].map((path) => {
    const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return [mtimeMs, size];
  });
  return JSON.stringify([secret.reveal(), salt.reveal(), times]);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
