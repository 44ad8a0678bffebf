import Fastify, { type FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { Frontend } from '../../../../server/src/http/frontend.ts';
import { guardAccess } from '../../../../server/src/http/plugins/access.ts';
import { replyWithError } from '../../../../server/src/http/plugins/errors.ts';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

function open(options: { readonly apiKey?: string; readonly corsOrigin?: string }): FastifyInstance {
  const app = Fastify();
  apps.push(app);
  replyWithError(app, pino({ enabled: false }));
  guardAccess(app, { options } as unknown as Frontend);
  for (const url of ['/predict', '/live', '/ready', '/health', '/v2/health/live', '/v2/models/:name'])
    app.get(url, () => 'done');
  return app;
}

describe('a frontend with a key', () => {
  const key = 'k'.repeat(40);
  test.each<[string, string | undefined, number]>([
    ['no header', undefined, 401],
    ['the key', `Bearer ${key}`, 200],
    ['the key, with the word in other letters', `bEaReR   ${key}`, 200],
    ['the key with a blank behind it', `Bearer ${key} `, 200],
    ['the key without the word', key, 401],
    ['another scheme', `Basic ${key}`, 401],
    ['an empty key', 'Bearer ', 401],
    ['the beginning of the key', `Bearer ${key.slice(1)}`, 401],
    ['more than the key', `Bearer ${key}k`, 401],
    ['the key in other letters', `Bearer ${key.toUpperCase()}`, 401],
    ['two keys', `Bearer ${key}, Bearer ${key}`, 401],
    ['a very long key', `Bearer ${'k'.repeat(10_000)}`, 401],
  ])('with %s', async (_, authorization, status) => {
    const headers = authorization === undefined ? {} : { authorization };
    const { statusCode, headers: got } = await open({ apiKey: key }).inject({ url: '/predict', headers });
    expect(statusCode).toBe(status);
    expect(got['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });

  test.each(['/live', '/ready', '/health', '/v2/health/live', '/live?x=1'])(
    'answers %s without it',
    async (url) => {
      expect((await open({ apiKey: key }).inject(url)).statusCode).toBe(200);
    },
  );

  test.each(['/nothing', '/predict/', '//live', '/live/../predict', '/v2/models/live', '/LIVE', '/live%2f'])(
    'does not even say without it whether there is %s',
    async (url) => {
      expect((await open({ apiKey: key }).inject(url)).statusCode).toBe(401);
    },
  );

  test('takes a key of any letters', async () => {
    const odd = 'ä€😀 "$&';
    const authorization = `Bearer ${Buffer.from(odd).toString('latin1')}`;
    const app = open({ apiKey: Buffer.from(odd).toString('latin1') });
    expect((await app.inject({ url: '/predict', headers: { authorization } })).statusCode).toBe(200);
  });
});

describe('a frontend without a key', () => {
  test.each([{}, { apiKey: '' }])('answers everyone: %j', async (options) => {
    expect((await open(options).inject('/predict')).statusCode).toBe(200);
  });

  test('says nothing of other origins unless one is named', async () => {
    const { headers } = await open({}).inject('/predict');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a frontend that one other origin may call', () => {
  const corsOrigin = 'https://site.example';
  test('says so in every answer, and answers the question before a request without a key', async () => {
    const app = open({ corsOrigin, apiKey: 'k' });
    const asked = await app.inject({ method: 'OPTIONS', url: '/predict' });
    expect(asked.statusCode).toBe(204);
    expect(asked.headers['access-control-allow-methods']).toMatch(/POST/);
    expect(asked.headers['access-control-allow-headers']).toMatch(/Authorization/);
    const refused = await app.inject('/predict');
    expect(refused.statusCode).toBe(401);
    for (const { headers } of [asked, refused]) {
      expect(headers['access-control-allow-origin']).toBe(corsOrigin);
      expect(headers.vary).toBe('Origin');
    }
  });
});
