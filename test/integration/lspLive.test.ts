import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CompletionItem, CompletionList } from 'vscode-languageserver';
import { workersKey } from '../../schemas/redisKeys.ts';
import { createLive } from '../../server/src/live/live.ts';
import { startLanguageClient, type LanguageClient } from '../support/languageClient.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
let proxy: Proxy;
let client: LanguageClient | undefined;

beforeEach(async () => {
  redis = await startRedis('--requirepass', 'secret');
  proxy = await startProxy(redis.port);
  await redis.client.hset(workersKey, 'w1', '{"jobName":"alpha"}', 'w2', '{"jobName":"alpha"}', 'w3', 'x');
});

afterEach(async () => {
  await client?.close();
  client = undefined;
  await proxy.close();
  await redis.stop();
});

const uri = 'untitled:config.yaml';

async function open(): Promise<() => Promise<{ labels: string[]; isIncomplete: boolean; ms: number }>> {
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
    const start = performance.now();
    const list = await connection.sendRequest<CompletionItem[] | CompletionList>('textDocument/completion', {
      textDocument: { uri },
      position: { line: 3, character: 9 },
    });
    const ms = performance.now() - start;
    const { items, isIncomplete } = Array.isArray(list) ? { items: list, isIncomplete: false } : list;
    return { labels: items.map(({ label }) => label), isIncomplete, ms };
  };
}

test('the jobs of the Redis are offered behind jobName', async () => {
  const complete = await open();
  const { labels, isIncomplete } = await complete();
  expect(labels.filter((label) => label === 'alpha')).toHaveLength(1);
  expect(isIncomplete).toBe(false);
});

test('a Redis that is silent costs 350 ms once, and the list without it is marked incomplete', async () => {
  proxy.blackHole(true);
  const complete = await open();
  const first = await complete();
  expect(first.labels).toContain('serving_stream');
  expect(first.isIncomplete).toBe(true);
  expect(first.ms).toBeLessThanOrEqual(350);
  const second = await complete();
  expect(second.isIncomplete).toBe(true);
  expect(second.ms).toBeLessThanOrEqual(50);
});

test('nobody there, no password or a wrong one, and what is switched off are no jobs', async () => {
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
