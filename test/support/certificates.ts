import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';

export interface Certificates {
  readonly caPem: string;
  readonly keyFile: string;
  readonly certFile: string;
  readonly caFile: string;
  /** The authority in a PKCS#12 store that `password` opens. */
  readonly p12File: string;
  readonly password: string;
}

/** An authority and a certificate for `localhost` signed by it, written into a folder. */
export function makeCertificates(folder: string): Certificates {
  const password = 'changeit';
  const ca = forge.pki.rsa.generateKeyPair(2048);
  const server = forge.pki.rsa.generateKeyPair(2048);
  const caCert = certificate('Test authority', ca.publicKey, 'Test authority', ca.privateKey, true);
  const cert = certificate('localhost', server.publicKey, 'Test authority', ca.privateKey, false);
  const caPem = forge.pki.certificateToPem(caCert);
  const store = forge.pkcs12.toPkcs12Asn1(null, [caCert], password);
  const write = (name: string, data: string, encoding: BufferEncoding = 'utf8') => {
    const file = join(folder, name);
    writeFileSync(file, data, encoding);
    return file;
  };
  return {
    caPem,
    keyFile: write('server.key', forge.pki.privateKeyToPem(server.privateKey)),
    certFile: write('server.crt', forge.pki.certificateToPem(cert)),
    caFile: write('ca.crt', caPem),
    p12File: write('trust.p12', forge.asn1.toDer(store).getBytes(), 'latin1'),
    password,
  };
}

function certificate(
  name: string,
  key: forge.pki.PublicKey,
  issuer: string,
  signer: forge.pki.rsa.PrivateKey,
  isAuthority: boolean,
): forge.pki.Certificate {
  const cert = forge.pki.createCertificate();
  cert.publicKey = key;
  cert.serialNumber = isAuthority ? '01' : '02';
  cert.validity.notBefore = new Date(Date.now() - 86_400_000);
  cert.validity.notAfter = new Date(Date.now() + 86_400_000);
  cert.setSubject([{ name: 'commonName', value: name }]);
  cert.setIssuer([{ name: 'commonName', value: issuer }]);
  cert.setExtensions(
    isAuthority
      ? [{ name: 'basicConstraints', cA: true }]
      : [
          {
            name: 'subjectAltName',
            altNames: [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
          },
        ],
  );
  cert.sign(signer, forge.md.sha256.create());
  return cert;
}
