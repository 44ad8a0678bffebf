import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openFlinkWorkshop } from './workshop.ts';

let certificates: Certificates;
let cluster: Cluster;
let redis: TestRedis;
let tlsPort: number;
let shop: Workshop;
beforeAll(async () => {
  cluster = await startCluster(1);
  shop = openFlinkWorkshop();
  certificates = makeCertificates(shop.folder);
  tlsPort = await freePort();
  redis = await startRedis(
    ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', '--tls-cert-file', certificates.certFile],
    ...['--tls-key-file', certificates.keyFile, '--tls-ca-cert-file', certificates.caFile],
  );
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

test.each([
  ['pkcs12', 'p12File', 'redisSecureTrustStorePassword: changeit\n'],
  ['pem', 'caFile', ''],
] as const)(
  'a job on Flink reaches a Redis over TLS, again and again, by a trust store of the kind %s that no TaskManager can read',
  async (jobName, kind, more) => {
    const store = certificates[kind];
    const path = shop.config(
      jobName,
      `modelPath: ${join(models, 'echo')}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: localhost:${tlsPort}\nredisSecureEnabled: true\nredisSecureTrustStorePath: ${store}\n${more}`,
    );
    await shop.must('start', '-c', path);
    renameSync(store, `${store}.away`);
    // All but the test's own; the job makes its connections again.
    await redis.client.call('CLIENT', 'KILL', 'SKIPME', 'yes');
    await put(redis, jobName, 'a', record({ x: dense([2], [1, 2]) }));
    expect(await outputsOf(redis, jobName, 'a')).toEqual([{ shape: [2], data: [1, 2] }]);
    renameSync(`${store}.away`, store);
    await shop.must('stop', '-c', path);
  },
);
