import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { FrontendOptions } from '../../../../schemas/programs/frontendOptions.ts';

export type HttpsKeys =
  { readonly pfx: Buffer; readonly passphrase: string } | { readonly key: Buffer; readonly cert: Buffer };

/** The key and the certificate that HTTPS is served with: PEM files, or a PKCS#12 key store.
 *  @throws ServingError "trust-store-unreadable", "wrong-use" */
export async function readKeys(options: FrontendOptions): Promise<HttpsKeys> {
  const { httpsKeyPath, httpsCertPath, httpsKeyStorePath, httpsKeyStoreToken } = options;
  if (httpsKeyPath && httpsCertPath) {
    const keys = { key: await read(httpsKeyPath), cert: await read(httpsCertPath) };
    return tried(keys, httpsKeyPath);
  }
  if (!httpsKeyStorePath)
    throw new ServingError(
      'wrong-use',
      'HTTPS needs --httpsKeyStorePath, or --httpsKeyPath and --httpsCertPath.',
    );
  const pfx = await read(httpsKeyStorePath);
  if (pfx.subarray(0, 4).equals(Buffer.from('feedfeed', 'hex')))
    throw unreadable(
      httpsKeyStorePath,
      'it is a JKS store, which only Java reads. Convert it once: ' +
        `keytool -importkeystore -srckeystore "${httpsKeyStorePath}" -destkeystore "${httpsKeyStorePath}.p12" -deststoretype PKCS12`,
    );
  return tried({ pfx, passphrase: httpsKeyStoreToken }, httpsKeyStorePath);
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, messageOf(error), error);
  }
}

/** A wrong password is to be reported at the start, not at the first connection. */
function tried<Keys extends HttpsKeys>(keys: Keys, path: string): Keys {
  try {
    createSecureContext(keys);
    return keys;
  } catch (error) {
    throw unreadable(
      path,
      `it cannot be used (${messageOf(error)}). Is --httpsKeyStoreToken its password?`,
      error,
    );
  }
}

function unreadable(path: string, why: string, cause?: unknown): ServingError {
  return new ServingError('trust-store-unreadable', `Key store ${path}: ${why}`, { cause });
}
