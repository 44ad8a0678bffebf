import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { ask, startFrontend, type TestFrontend } from './httpSupport.ts';

let folder: string;
let certificates: Certificates;
let keyStore: string;
let redis: TestRedis;
let tlsPort: number;
const frontends: TestFrontend[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-https-'));
  certificates = makeCertificates(folder);
  keyStore = join(folder, 'server.p12');
  const key = forge.pki.privateKeyFromPem(readFileSync(certificates.keyFile, 'utf8'));
  const certificate = forge.pki.certificateFromPem(readFileSync(certificates.certFile, 'utf8'));
  const store = forge.pkcs12.toPkcs12Asn1(key, [certificate], 'opensesame', { algorithm: '3des' });
  writeFileSync(keyStore, forge.asn1.toDer(store).getBytes(), 'latin1');
  tlsPort = await freePort();
  const { certFile, keyFile, caFile } = certificates;
  const tls = ['--tls-auth-clients', 'no', '--tls-cert-file', certFile, '--tls-key-file', keyFile];
  redis = await startRedis('--tls-port', String(tlsPort), ...tls, '--tls-ca-cert-file', caFile);
});

afterAll(async () => {
  for (const frontend of frontends) frontend.signal('SIGKILL');
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(...args: string[]): Promise<TestFrontend> {
  const frontend = await startFrontend(...args);
  frontends.push(frontend);
  return frontend;
}

function getSecurely(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const get = request(
      { host: '127.0.0.1', port, path: '/', ca: certificates.caPem, servername: 'localhost' },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      },
    );
    get.on('error', reject);
    get.end();
  });
}

test.each(['a PKCS#12 key store', 'PEM files'])('HTTPS is served beside HTTP from %s', async (kind) => {
  const port = await freePort();
  const keys =
    kind === 'PEM files'
      ? [`--httpsKeyPath=${certificates.keyFile}`, `--httpsCertPath=${certificates.certFile}`]
      : [`--httpsKeyStorePath=${keyStore}`, '--httpsKeyStoreToken=opensesame'];
  const frontend = await start(
    `--redisPort=${redis.port}`,
    '--httpsEnabled=true',
    `--securePort=${port}`,
    ...keys,
  );
  expect(await getSecurely(port)).toContain('welcome');
  expect((await ask(frontend.url)).text).toContain('welcome');
});

test('a wrong password of the key store ends the start with the reason', async () => {
  const wrong = start('--httpsEnabled=true', `--httpsKeyStorePath=${keyStore}`, '--httpsKeyStoreToken=wrong');
  await expect(wrong).rejects.toThrow('ended with 1');
});

test('Redis is reached over TLS with a trust store', async () => {
  const { p12File, password } = certificates;
  const secure = [`--redisPort=${tlsPort}`, '--redisSecureEnabled=true'];
  const trusted = await start(
    ...secure,
    `--redissTrustStorePath=${p12File}`,
    `--redissTrustStoreToken=${password}`,
  );
  const checks = (await ask(`${trusted.url}/health`)).json.checks as { name: string; ok: boolean }[];
  expect(checks.find(({ name }) => name === 'redis')?.ok).toBe(true);
  expect(trusted.output).not.toContain(password);
});
