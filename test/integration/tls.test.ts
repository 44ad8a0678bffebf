import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTrustStore } from '../../server/src/queue/redis/trustStore.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

let folder: string;
let certificates: Certificates;
let redis: TestRedis;
let tlsPort: number;
let shop: Workshop;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-tls-'));
  certificates = makeCertificates(folder);
  tlsPort = await freePort();
  redis = await startRedis(
    ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
    ...[
      '--tls-cert-file',
      certificates.certFile,
      '--tls-key-file',
      certificates.keyFile,
      '--tls-ca-cert-file',
      certificates.caFile,
    ],
  );
  shop = openWorkshop();
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

const config = (jobName: string, more: string) =>
  shop.config(
    jobName,
    `modelPath: ${join(models, 'echo')}\njobName: ${jobName}\nredisUrl: localhost:${tlsPort}\n${more}`,
  );

test.each([
  [
    'pkcs12',
    () =>
      `redisSecureTrustStorePath: ${certificates.p12File}\nredisSecureTrustStorePassword: ${certificates.password}\n`,
  ],
  ['pem', () => `redisSecureTrustStorePath: ${certificates.caFile}\n`],
])('a job works over TLS with a trust store of the kind %s', async (jobName, store) => {
  await shop.must('start', '-c', config(jobName, `redisSecureEnabled: true\n${store()}`));
  await put(redis, jobName, 'a', record({ x: dense([2], [1, 2]) }));
  expect(await outputsOf(redis, jobName, 'a')).toEqual([{ shape: [2], data: [1, 2] }]);
});

test.each([
  ['a certificate that no authority vouches for', 'redis-tls', 'redisSecureEnabled: true\n'],
  ['TLS switched off on a port that speaks it', 'redis-not-redis', ''],
])('%s has a code of its own: %s', async (_, code, more) => {
  const { code: exit, stdout } = await shop.cli('start', '-c', config('refused', more), '--json');
  expect(exit).toBe(1);
  expect(stdout).toContain(`"code":"${code}"`);
});

test('a wrong password and a Java key store are refused with what to do', async () => {
  await expect(readTrustStore(certificates.p12File, 'wrong')).rejects.toMatchObject({
    code: 'trust-store-unreadable',
  });
  const jks = join(folder, 'trust.jks');
  writeFileSync(jks, Buffer.from('feedfeed00000002', 'hex'));
  await expect(readTrustStore(jks, '')).rejects.toThrow('keytool -importkeystore');
});
