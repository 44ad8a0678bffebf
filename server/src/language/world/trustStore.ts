import type { Problem } from '../../../../schemas/config/problems.ts';
import { problem } from '../../config/problem.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';

/** Where the path of the trust store leads; undefined when it is not set, or not known here. */
export function trustStoreOf({ uri, read }: ConfigText, files: Files): string | undefined {
  const path = valueOf(read, 'redisSecureTrustStorePath');
  return path === '' || path.includes('${env:') ? undefined : files.resolve(uri, path);
}

/** What is wrong with the trust store; its password is not tried. */
export async function checkTrustStore(config: ConfigText, files: Files): Promise<Problem[]> {
  const { read } = config;
  const { valueRange: range } = read.origins.redisSecureTrustStorePath;
  const path = trustStoreOf(config, files);
  if (!valueOf(read, 'redisSecureEnabled') || !range || path === undefined) return [];
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
