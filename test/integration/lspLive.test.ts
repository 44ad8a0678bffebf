import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CompletionItem, CompletionList } from 'vscode-languageserver';
import { workersKey } from '../../schemas/redis/redisKeys.ts';
import { createLive } from '../../server/src/live/live.ts';
import { aJob } from '../client/aJob.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { startLanguageClient, type LanguageClient } from '../support/languageClient.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';

/** What a worker writes of itself. */
function worker(workerId: string, jobName: string): string {
  return JSON.stringify({ ...aJob().workers[0]?.registration, workerId, jobName });
}

let redis: TestRedis;
let proxy: Proxy;
let client: LanguageClient | undefined;

beforeEach(async () => {
  redis = await startRedis('--requirepass', 'secret');
  proxy = await startProxy(redis.port);
  const entries = { w1: worker('w1', 'alpha'), w2: worker('w2', 'alpha'), w3: 'x', w4: '{"jobName":"half"}' };
  await redis.client.hset(workersKey, entries);
});

afterEach(async () => {
  await client?.close();
  client = undefined;
  await proxy.close();
  await redis.stop();
});

const uri = 'untitled:config.yaml';

async function open(): Promise<() => Promise<{ labels: string[]; isIncomplete: boolean }>> {
  client = await startLanguageClient();
  const { connection } = client;
  const lines = ['modelPath: /m', `redisUrl: 127.0.0.1:${proxy.port}`, 'redisPassword: secret', 'jobName: '];
  await client.open(uri, lines.join('\n'));
  // The first request of a process loads what all of them need.
  await connection.sendRequest('textDocument/completion', {
    textDocument: { uri },
    position: { line: 4, character: 0 },
  });
  return async () => {
    const list = await connection.sendRequest<CompletionItem[] | CompletionList>('textDocument/completion', {
      textDocument: { uri },
      position: { line: 3, character: 9 },
    });
    const { items, isIncomplete } = Array.isArray(list) ? { items: list, isIncomplete: false } : list;
    return { labels: items.map(({ label }) => label), isIncomplete };
  };
}

test('the jobs of the Redis are offered behind jobName', async () => {
  const complete = await open();
  const { labels, isIncomplete } = await complete();
  expect(labels.filter((label) => label === 'alpha')).toHaveLength(1);
  expect(isIncomplete).toBe(false);
});

test('a Redis that is silent holds up no list: what is known without it is there, marked incomplete', async () => {
  proxy.blackHole(true);
  const complete = await open();
  const first = await complete();
  expect(first.labels).toContain('serving_stream');
  expect(first.isIncomplete).toBe(true);
  const second = await complete();
  expect(second.isIncomplete).toBe(true);
});

test('nothing there, no password or a wrong one, and what is switched off are no jobs', async () => {
  const signal = AbortSignal.timeout(5_000);
  const live = createLive(() => true);
  const host = '127.0.0.1';
  const nobody = { host, port: await freePort(), isSecure: false };
  expect(await live.queues(nobody, signal)).toEqual([]);
  const here = { host, port: redis.port, isSecure: false };
  expect(await live.queues(here, signal)).toEqual([]);
  expect(await live.queues({ ...here, password: 'wrong' }, signal)).toEqual([]);
  expect(await live.queues({ ...here, password: 'secret' }, signal)).toEqual(['alpha']);
  expect(await createLive(() => false).queues({ ...here, password: 'secret' }, signal)).toEqual([]);
});

describe('over TLS', () => {
  let certificates: Certificates;
  let folder: string;
  let secure: TestRedis;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cluster-serving-live-'));
    certificates = makeCertificates(folder);
    port = await freePort();
    secure = await startRedis(
      ...['--tls-port', String(port), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', certificates.certFile, '--tls-key-file', certificates.keyFile],
      ...['--tls-ca-cert-file', certificates.caFile],
    );
    await secure.client.hset(workersKey, 'w1', worker('w1', 'hidden'));
  });
  afterAll(async () => {
    await secure.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('jobs are shown where the trust store of the config vouches for the Redis, and else not', async () => {
    const signal = AbortSignal.timeout(5_000);
    const live = createLive(() => true);
    const address = { host: 'localhost', port, isSecure: true };
    expect(await live.queues({ ...address, trustStore: certificates.caFile }, signal)).toEqual(['hidden']);
    expect(await live.queues(address, signal)).toEqual([]);
    // Only `start` reads this kind.
    expect(await live.queues({ ...address, trustStore: certificates.p12File }, signal)).toEqual([]);
  });
});

describe('a Flink', () => {
  /** Answers as Flink does, as something else does, or not at all. */
  async function answering(body: string | undefined): Promise<{ port: number; close: () => void }> {
    const server = createServer((_, response) => {
      if (body !== undefined) response.end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = () => {
      server.closeAllConnections();
      server.close();
    };
    return { port: (server.address() as AddressInfo).port, close };
  }

  const overview = { 'slots-total': 4, 'slots-available': 1, 'jobs-running': 2, 'flink-version': '1.20.0' };

  test.each([
    ['is shown', JSON.stringify(overview), 1_000, { slots: 4, freeSlots: 1, jobs: 2 }],
    ['is none when something else answers', '<html>', 1_000, null],
    ['that is silent has not answered', undefined, 100, undefined],
  ])('%s', async (_what, body, waitMs, told) => {
    const { port, close } = await answering(body);
    const answer = createLive(() => true).flink({ host: '127.0.0.1', port }, AbortSignal.timeout(waitMs));
    expect(await answer).toEqual(told);
    close();
  });
});
