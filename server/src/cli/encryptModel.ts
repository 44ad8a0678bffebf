import { setModelSecretCommand, type KeyBits } from '../../../schemas/encryption.ts';
import { encryptModelFolder } from '../jobs/encryptModelFolder.ts';
import { print, printJson, type JsonOption } from './output.ts';
import { processSources, readPair } from './secret/readPair.ts';

export interface EncryptModelCommand extends JsonOption {
  readonly out?: string;
  readonly bits: string;
  readonly force?: boolean;
}

export async function encryptModel(
  path: string,
  { out, bits, force, json }: EncryptModelCommand,
): Promise<number> {
  const pair = await readPair('model', processSources, true);
  const encrypted = await encryptModelFolder({
    path,
    out,
    pair,
    bits: Number(bits) as KeyBits,
    overwrites: force ?? false,
  });
  if (json) {
    printJson({ encrypted });
    return 0;
  }
  for (const { file, bytes } of encrypted.files) print(`${file} (${bytes} bytes)`);
  for (const file of encrypted.copied) print(`${file} (copied as it is)`);
  print(`The plain model in ${encrypted.from} was left as it is. To serve the encrypted one:`);
  print(`  modelPath: ${encrypted.folder}`);
  print('  modelEncrypted: true');
  print(`and give the secret and the salt to its Redis: ${setModelSecretCommand}`);
  return 0;
}
