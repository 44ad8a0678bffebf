import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setModelSecretCommand } from '../../../schemas/encryption.ts';
import { ServingError, whyUnreadable } from '../../../schemas/errors.ts';
import { secretsKey } from '../../../schemas/redis/redisKeys.ts';
import type { Keys } from '../encryption/deriveKeys.ts';
import { decryptModelFile } from '../encryption/modelCipher.ts';
import { keepsWeightsElsewhere } from './recognise/externalMarker.ts';
import { inspectModel } from './recognise/inspectModel.ts';
import type { ModelFiles } from './recognise/modelFiles.ts';
import type { ModelContent, ModelSource } from './session.ts';

/** The files of an encrypted model as they stand on the disk. @throws ServingError "model-missing" */
export async function readEncrypted({ file, weights }: ModelSource): Promise<ModelContent> {
  return {
    file: await read(file),
    ...(weights === undefined ? {} : { weights: await read(weights) }),
  };
}

/** The model with its files decrypted, in memory only.
 *  @param encrypted  what its files hold
 *  @throws ServingError "model-secret-wrong"; "model-damaged" for files that are not encrypted, or whose content is no model;
 *    "model-unsupported" for one that keeps weights in further files */
export async function decryptModel(
  source: ModelSource,
  encrypted: ModelContent,
  keys: Keys,
): Promise<ModelSource> {
  const file = decrypt(source.file, encrypted.file, keys);
  // The shape of an XML file shows what the cipher itself does not: whether the key was right.
  if (source.type === 'openvino' && !/^(?:\xef\xbb\xbf)?\s*</.test(file.toString('latin1', 0, 64)))
    throw wrongSecret(source.file);
  const content: ModelContent = { file, ...weightsOf(source, encrypted, keys) };
  if (source.type === 'onnx' && keepsWeightsElsewhere(file))
    throw new ServingError(
      'model-unsupported',
      `${source.file} keeps weights in other files, which an encrypted model cannot. Save the model as one file and encrypt that.`,
    );
  const decrypted: ModelSource = { ...source, content };
  const damage = await inspectModel(
    {
      type: source.type,
      folder: dirname(source.file),
      file: basename(source.file),
      ...(source.weights === undefined ? {} : { weights: basename(source.weights) }),
    },
    filesOf(decrypted),
  );
  if (damage !== undefined) throw new ServingError('model-damaged', `Decrypted, ${damage}`);
  return decrypted;
}

function weightsOf(
  { weights }: ModelSource,
  encrypted: ModelContent,
  keys: Keys,
): Pick<ModelContent, 'weights'> {
  if (weights === undefined || !encrypted.weights) return {};
  // A model without constants has none to encrypt.
  const isEmpty = encrypted.weights.length === 0;
  return { weights: isEmpty ? encrypted.weights : decrypt(weights, encrypted.weights, keys) };
}

function decrypt(path: string, text: Uint8Array, keys: Keys): Buffer {
  const bytes = decryptModelFile(text, keys);
  if (bytes === undefined) throw wrongSecret(path);
  if (bytes === 'not encrypted')
    throw new ServingError(
      'model-damaged',
      `${path} is not encrypted, or was cut off, and modelEncrypted is true. Encrypt the model: cluster-serving encrypt-model ${dirname(path)}`,
    );
  return bytes;
}

function wrongSecret(path: string): ServingError {
  return new ServingError(
    'model-secret-wrong',
    `The secret and salt in ${secretsKey} do not decrypt ${path}. Set those that it was encrypted with: ${setModelSecretCommand}`,
  );
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ServingError('model-missing', `${path} cannot be read: ${whyUnreadable(error)}.`, {
      cause: error,
    });
  }
}

/** The decrypted files where the encrypted ones stand. */
function filesOf({ file, weights, content }: ModelSource): ModelFiles {
  const held = new Map([[file, content?.file]]);
  if (weights !== undefined) held.set(weights, content?.weights);
  return {
    look: (path) => Promise.resolve({ kind: held.has(path) ? 'file' : 'missing' }),
    bytes: (path, start, count) => Promise.resolve(held.get(path)?.subarray(start, start + count)),
  };
}
