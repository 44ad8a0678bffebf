import { knownWordsWarning } from '../../../../schemas/encryption.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { recordSecretsKey } from '../../../../schemas/redis/redisKeys.ts';
import { decodeBase64 } from '../../codec/base64.ts';
import { isImage } from '../../codec/image/formats.ts';
import type { Keys } from '../../encryption/deriveKeys.ts';
import { decryptImage } from '../../encryption/imageCipher.ts';
import { recordKeysOf } from '../../encryption/recordKeys.ts';
import type { WorkerStore } from '../../queue/recordQueue.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** Decrypts the images of records. */
export interface ImageKeys {
  /** @param where  what is named in the error
   *  @returns an image file; later where the secret had to be read again
   *  @throws ServingError "record-undecryptable", or its promise is rejected with it */
  readonly decrypt: (where: string, encrypted: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

export interface ImageKeysOptions {
  readonly queue: Pick<WorkerStore, 'readSecret'>;
  readonly clock: Pick<Clock, 'steadyMs'>;
  readonly log: Log;
}

/** Records that do not decrypt may be many, and each could be the first by a new secret: it is read this often at most. */
const lookEveryMs = 1_000;

/** Reads the secret of the records, or takes the original's words where there is none. A secret that is set or changed later
 *  counts from the first record on that does not decrypt without it. @throws ServingError "redis-…" */
export async function createImageKeys({ queue, clock, log }: ImageKeysOptions): Promise<ImageKeys> {
  let keys = await read();
  let readAt = clock.steadyMs();
  let reading: Promise<Keys> | undefined;

  async function read(): Promise<Keys> {
    const found = await recordKeysOf(await queue.readSecret('record'));
    if (found.areKnown) log.warn(`${knownWordsWarning}.`);
    return found.keys;
  }

  /** @returns undefined where it was read a moment ago */
  function readAgain(): Promise<Keys> | undefined {
    if (!reading && clock.steadyMs() - readAt < lookEveryMs) return undefined;
    reading ??= read()
      // A store that is away is asked with the next record.
      .catch(() => keys)
      .then((read) => {
        keys = read;
        readAt = clock.steadyMs();
        reading = undefined;
        return read;
      });
    return reading;
  }

  return {
    decrypt(where, encrypted) {
      const image = decryptImage(encrypted, keys);
      if (image) return fileOf(where, image);
      const later = readAgain();
      if (!later) throw undecryptable(where, encrypted);
      return later.then((fresh) => {
        const decrypted = decryptImage(encrypted, fresh);
        if (!decrypted) throw undecryptable(where, encrypted);
        return fileOf(where, decrypted);
      });
    },
  };
}

/** What was encrypted may be the image or its base64, as the original's benchmark does it. */
function fileOf(where: string, plain: Buffer): Buffer {
  return isImage(plain) ? plain : decodeBase64(plain.toString('latin1'), where);
}

function undecryptable(where: string, bytes: Uint8Array): ServingError {
  const why = isImage(bytes)
    ? 'is not encrypted, and recordEncrypted is true. Encrypt it, or remove recordEncrypted'
    : `does not decrypt with the secret and salt in ${recordSecretsKey} in Redis: it was encrypted with others, or it was changed or cut off`;
  return new ServingError('record-undecryptable', `${where} ${why}.`);
}
