import type { SecretPair } from '../../../schemas/encryption.ts';
import { decodeBase64 } from '../codec/base64.ts';
import { isImage } from '../codec/image/formats.ts';
import { encryptImage } from '../encryption/imageCipher.ts';
import { recordKeysOf } from '../encryption/recordKeys.ts';
import type { ImageInput, RecordInput, RecordInputs } from '../tensor/tensor.ts';

/** Encrypts an image file for a job that takes images encrypted only. */
export type EncryptImage = (image: Uint8Array) => Buffer;

/** A secret that was changed counts after this time. */
const rereadMs = 1_000;

/** Makes what encrypts the images for the jobs on one Redis.
 *  @param readSecret  reads the secret of records there */
export function createImageEncryption(
  readSecret: () => Promise<SecretPair | undefined>,
): () => Promise<EncryptImage> {
  let readAt = -Infinity;
  let known: Promise<EncryptImage> | undefined;
  return () => {
    if (known && performance.now() - readAt < rereadMs) return known;
    readAt = performance.now();
    const asked = readSecret()
      .then(recordKeysOf)
      .then(
        ({ keys }): EncryptImage =>
          (image) =>
            encryptImage(image, keys),
      );
    known = asked;
    asked.catch(() => {
      // It is asked again with the next record.
      if (known === asked) known = undefined;
    });
    return asked;
  };
}

/** An image as the job takes it: what the sender has encrypted already goes as it came.
 *  @param check  is given an image that is plain. @throws ServingError "record-undecodable", and what `check` throws */
export function encryptedFile(
  place: string,
  { base64 }: ImageInput,
  encrypt: EncryptImage,
  check: (image: Buffer) => void = () => undefined,
): Buffer {
  const bytes = decodeBase64(base64, place);
  if (!isImage(bytes)) return bytes;
  check(bytes);
  return encrypt(bytes);
}

/** A record of which it is not known what its model takes, with its plain images encrypted. Strings that are no images, and
 *  records without any, stay as they are. */
export function encryptImages(inputs: RecordInputs, encrypt: EncryptImage): RecordInputs {
  const encrypted = new Map<string, RecordInput>();
  let count = 0;
  for (const [name, input] of inputs) {
    const file = input.kind === 'image' ? plainImage(input) : undefined;
    if (file) count += 1;
    encrypted.set(name, file ? { kind: 'image', base64: encrypt(file).toString('base64') } : input);
  }
  return count === 0 ? inputs : encrypted;
}

function plainImage({ base64 }: ImageInput): Buffer | undefined {
  try {
    const bytes = decodeBase64(base64);
    return isImage(bytes) ? bytes : undefined;
  } catch {
    // A string that is no base64 is no image.
    return undefined;
  }
}
