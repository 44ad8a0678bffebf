import type { Problem, Range } from '../../../../schemas/config/problems.ts';
import { problem } from '../../config/problem.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';

const stores = ['redis', 'kafka'] as const;

export interface TrustStore {
  readonly key: 'redisSecureTrustStorePath' | 'kafkaSecureTrustStorePath';
  /** Of what is written. */
  readonly range: Range;
  /** Where that leads. */
  readonly path: string;
  /** Whether TLS is on, so that it is read. */
  readonly isUsed: boolean;
}

/** The trust stores that a config names, as far as it is known here where they are. */
export function trustStoresOf({ uri, read }: ConfigText, files: Files): readonly TrustStore[] {
  return stores.flatMap((store) => {
    const key = `${store}SecureTrustStorePath` as const;
    const written = valueOf(read, key);
    const { valueRange: range } = read.origins[key];
    if (written === '' || written.includes('${env:') || !range) return [];
    const path = files.resolve(uri, written);
    return path === undefined ? [] : [{ key, range, path, isUsed: valueOf(read, `${store}SecureEnabled`) }];
  });
}

/** What is wrong with the trust stores; their passwords are not tried. */
export async function checkTrustStores(config: ConfigText, files: Files): Promise<Problem[]> {
  const used = trustStoresOf(config, files).filter(({ isUsed }) => isUsed);
  const found = await Promise.all(
    used.map(async ({ key, range, path }) => {
      const trouble = await troubleOf(path, files);
      return trouble === undefined ? [] : [problem('trust-store-unreadable', range, trouble, { key })];
    }),
  );
  return found.flat();
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
