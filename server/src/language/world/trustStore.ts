import type { Problem } from '../../../../schemas/problems.ts';
import { problem } from '../../config/problem.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';

/** What is wrong with the trust store; its password is not tried. */
export async function checkTrustStore({ uri, read }: ConfigText, files: Files): Promise<Problem[]> {
  const { valueRange: range } = read.origins.redisSecureTrustStorePath;
  const written = valueOf(read, 'redisSecureTrustStorePath');
  if (!valueOf(read, 'redisSecureEnabled') || !range || written === '' || written.includes('${env:'))
    return [];
  const path = files.resolve(uri, written);
  const trouble = await troubleOf(path, files);
  if (trouble === undefined) return [];
  return [problem('trust-store-unreadable', range, trouble, { key: 'redisSecureTrustStorePath' })];
}

async function troubleOf(path: string, files: Files): Promise<string | undefined> {
  const { kind } = await files.look(path);
  if (kind === 'missing') return `There is no file ${path}.`;
  if (kind === 'folder') return `${path} is a folder; name the file with the certificates.`;
  const bytes = kind === 'unreadable' ? undefined : await files.bytes(path, 0, 4);
  if (!bytes) return `${path} cannot be read.`;
  if (bytes.length === 0) return `${path} is empty.`;
  const isJavaStore = bytes.join() === '254,237,254,237';
  return isJavaStore ? `${path} is a Java key store; convert it to PKCS#12 with keytool.` : undefined;
}
