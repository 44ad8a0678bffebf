import { modelTypeRow } from '../../../../schemas/runtimes.ts';
import type { LocatedModel } from './detectModel.ts';
import type { ModelFiles } from './modelFiles.ts';

const headBytes = 512;
/** What the shortest file is long: a vector and a block, in base64. */
const shortest = 44;

/** Whether a file begins as one of an encrypted model does: with base64, and nothing else. No plain file of a model does. */
export function looksEncrypted(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  return text.length >= shortest && /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(text);
}

/** What is to be known of a model that modelEncrypted means nothing for. The original waits for the secret of such a model too,
 *  and loads it as it stands. @returns undefined for one that is decrypted */
export function notDecrypted({ type, file }: Pick<LocatedModel, 'type' | 'file'>): string | undefined {
  const { isDecrypted, title } = modelTypeRow(type);
  return isDecrypted
    ? undefined
    : `${file} is a ${title} model, which modelEncrypted does not decrypt: as in the original, it is loaded as it stands. No secret is waited for.`;
}

/** Looks into the files of a model that a config says is encrypted. @returns what is wrong with them, and what to do */
export async function inspectEncrypted(
  { folder, file, weights }: LocatedModel,
  files: ModelFiles,
): Promise<string | undefined> {
  for (const name of [file, ...(weights === undefined ? [] : [weights])]) {
    const path = `${folder}/${name}`;
    const head = await files.bytes(path, 0, headBytes);
    if (!head) return `${path} cannot be read. Give the user that starts the job the right to.`;
    // A model without constants has no weights.
    if (head.length === 0 && name === weights) continue;
    if (head.length === 0) return `${path} is empty (0 bytes). Copy or download it again.`;
    if (!looksEncrypted(head))
      return `${path} is not encrypted, and modelEncrypted is true. Remove modelEncrypted, or encrypt the model: cluster-serving encrypt-model ${folder}`;
  }
  return undefined;
}
