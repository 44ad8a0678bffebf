import { readFile } from 'node:fs/promises';
import forge from 'node-forge';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';

/** The certificates of a trust store, each as PEM text.
 *  PKCS#12 and PEM are read; a JKS store is refused with the line that converts it.
 *  @throws ServingError "trust-store-unreadable" */
export async function readTrustStore(path: string, password: string): Promise<string[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw unreadable(path, messageOf(error), error);
  }
  if (bytes.subarray(0, 4).equals(Buffer.from('feedfeed', 'hex')))
    throw unreadable(
      path,
      'it is a JKS store, which only Java reads. Convert it once: ' +
        `keytool -importkeystore -srckeystore "${path}" -destkeystore "${path}.p12" -deststoretype PKCS12`,
    );
  const text = bytes.toString('latin1');
  const certificates = text.includes('-----BEGIN')
    ? pemCertificates(text)
    : pkcs12Certificates(path, text, password);
  if (certificates.length === 0) throw unreadable(path, 'it holds no certificate');
  return certificates;
}

function pemCertificates(text: string): string[] {
  return text.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END (TRUSTED )?CERTIFICATE-----/g) ?? [];
}

function pkcs12Certificates(path: string, binary: string, password: string): string[] {
  try {
    const store = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(binary), false, password);
    const bags = store.getBags({ bagType: forge.pki.oids.certBag });
    return (bags[forge.pki.oids.certBag as string] ?? []).map(bagPem);
  } catch (error) {
    throw unreadable(
      path,
      `it is neither PEM nor a PKCS#12 store that redisSecureTrustStorePassword opens (${messageOf(error)})`,
      error,
    );
  }
}

/** node-forge itself understands RSA only; a certificate of another kind keeps its raw ASN.1. */
function bagPem(bag: forge.pkcs12.Bag): string {
  const asn1 = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1;
  return forge.pem.encode({
    type: 'CERTIFICATE',
    body: forge.asn1.toDer(asn1).getBytes(),
  });
}

function unreadable(path: string, why: string, cause?: unknown): ServingError {
  return new ServingError('trust-store-unreadable', `Trust store ${path}: ${why}.`, { cause });
}
