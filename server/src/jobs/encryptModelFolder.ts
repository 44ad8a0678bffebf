import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keyBits, type KeyBits, type SecretPair } from '../../../schemas/encryption.ts';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { modelTypeNames, modelTypeRow } from '../../../schemas/runtimes.ts';
import { deriveKeys, type Keys } from '../encryption/deriveKeys.ts';
import { decryptModelFile, encryptModelFile } from '../encryption/modelCipher.ts';
import { labelsFile } from '../model/labels.ts';
import { detectModel, type LocatedModel } from '../model/recognise/detectModel.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { keepsWeightsElsewhere } from '../model/recognise/externalMarker.ts';
import { locateModel } from '../model/recognise/locateModel.ts';
import { plainPath } from '../model/recognise/plainPath.ts';
import { refused } from '../model/resolveModel.ts';

export interface EncryptModelOptions {
  /** The folder of a plain model, or its file. */
  readonly path: string;
  /** The folder for the encrypted one; by default beside the plain one, with "-encrypted" at its end. */
  readonly out: string | undefined;
  readonly pair: SecretPair;
  readonly bits: KeyBits;
  /** Files that are there already are replaced. */
  readonly overwrites: boolean;
}

export interface EncryptedModel {
  /** The folder of the plain model. */
  readonly from: string;
  readonly folder: string;
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
  /** What belongs to the model and is not encrypted, such as the names of its classes. */
  readonly copied: readonly string[];
}

/** Encrypts a model as the original does, into another folder. Each file is decrypted once to see that it comes back.
 *  @throws ServingError "model-…" for what cannot be encrypted, "wrong-use" for what would be overwritten */
export async function encryptModelFolder({
  path,
  out,
  pair,
  bits,
  overwrites,
}: EncryptModelOptions): Promise<EncryptedModel> {
  if (!keyBits.includes(bits)) throw new ServingError('wrong-use', `--bits is ${keyBits.join(' or ')}.`);
  const located = await locateModel(resolve(plainPath(path)), diskFiles);
  if ('code' in located) throw refused(located);
  const { folder: from, type, file, weights } = located;
  requireDecrypted(located);
  const folder = out === undefined ? `${from}-encrypted` : resolve(out);
  const names = [file, ...(weights === undefined ? [] : [weights])];
  const others = existsSync(join(from, labelsFile)) && folder !== from ? [labelsFile] : [];
  await requireRoom(folder, [...names, ...others], overwrites);
  const keys = await deriveKeys(pair);
  const texts: { readonly name: string; readonly text: Buffer }[] = [];
  for (const name of names) {
    const bytes = await readFile(join(from, name));
    if (type === 'onnx' && keepsWeightsElsewhere(bytes))
      throw new ServingError(
        'model-unsupported',
        `${join(from, name)} keeps weights in other files, which an encrypted model cannot. Save the model as one file first.`,
      );
    texts.push({ name, text: encrypt(join(from, name), bytes, keys, bits) });
  }
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of texts) await writeWhole(join(folder, name), text);
    for (const name of others) await copyFile(join(from, name), join(folder, name));
  } catch (error) {
    throw new ServingError('wrong-use', `${folder} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return {
    from,
    folder,
    files: texts.map(({ name, text }) => ({ file: join(folder, name), bytes: text.length })),
    copied: others.map((name) => join(folder, name)),
  };
}

function requireDecrypted({ folder, type, file }: LocatedModel): void {
  const { isDecrypted, title } = modelTypeRow(type);
  if (isDecrypted) return;
  const able = modelTypeNames.filter((name) => modelTypeRow(name).isDecrypted);
  throw new ServingError(
    'model-unsupported',
    `${join(folder, file)} is a ${title} model. Encrypted models are of ${able.map((name) => modelTypeRow(name).title).join(' or ')}: no others are decrypted when they are loaded.`,
  );
}

/** Nothing is overwritten unasked, and no second model comes to stand beside another one. */
async function requireRoom(folder: string, names: readonly string[], overwrites: boolean): Promise<void> {
  const there = existsSync(folder) ? await readdir(folder) : [];
  const taken = names.filter((name) => there.includes(name));
  if (taken.length > 0 && !overwrites)
    throw new ServingError(
      'wrong-use',
      `${join(folder, taken[0] as string)} is there already. Name another folder with --out, or overwrite it with --force.`,
    );
  const found = detectModel([...new Set([...there, ...names])]);
  if ('code' in found && found.code === 'model-several')
    throw new ServingError(
      'wrong-use',
      `${folder} holds another model: ${found.message}. Name another folder with --out.`,
    );
}

function encrypt(path: string, bytes: Buffer, keys: Keys, bits: KeyBits): Buffer {
  const text = encryptModelFile(bytes, keys, bits);
  const back = decryptModelFile(text, keys);
  if (!Buffer.isBuffer(back) || !back.equals(bytes)) throw new Error(`${path} does not come back as it was`);
  return text;
}

/** A start meets the file as a whole, or not at all. */
async function writeWhole(path: string, text: Buffer): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, text);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
