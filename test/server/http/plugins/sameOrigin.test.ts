import Fastify, { type FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { Frontend } from '../../../../server/src/http/frontend.ts';
import { replyWithError } from '../../../../server/src/http/plugins/errors.ts';
import { guardOrigin, isLoopback } from '../../../../server/src/http/plugins/sameOrigin.ts';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

interface Options {
  readonly interface?: string;
  readonly allowedHosts?: string;
  readonly corsOrigin?: string;
}

/** The status of a request to a frontend with these options. */
async function ask(
  options: Options,
  headers: Readonly<Record<string, string>>,
  url = '/change',
  method: 'GET' | 'POST' = 'POST',
) {
  const app = Fastify();
  apps.push(app);
  replyWithError(app, pino({ enabled: false }));
  guardOrigin(app, {
    options: { interface: '127.0.0.1', allowedHosts: '', ...options },
  } as unknown as Frontend);
  for (const path of ['/change', '/predict', '/v2/models/digits/infer'])
    app.route({ method: ['GET', 'POST'], url: path, handler: () => 'done' });
  const { statusCode, body } = await app.inject({ method, url, headers });
  return { status: statusCode, body };
}

describe('a request that changes something', () => {
  test.each<[string, Options, Readonly<Record<string, string>>, number]>([
    ['of a program', {}, { host: 'localhost:10020' }, 200],
    ['of a program, by address', {}, { host: '127.0.0.1:10020' }, 200],
    ['of a program, by an address of IPv6', {}, { host: '[::1]:10020' }, 200],
    ['of a page of the frontend', {}, { host: 'localhost:10020', origin: 'http://localhost:10020' }, 200],
    [
      'of a page on another port of this machine',
      {},
      { host: 'localhost:10020', origin: 'http://localhost:3000' },
      403,
    ],
    ['of a page by another scheme', {}, { host: 'localhost', origin: 'https://localhost:10020' }, 403],
    [
      'of a page whose default port is written out',
      {},
      { host: 'localhost:80', origin: 'http://localhost' },
      200,
    ],
    ['of another site', {}, { host: 'localhost:10020', origin: 'https://evil.example' }, 403],
    ['of a page without an origin of its own', {}, { host: 'localhost:10020', origin: 'null' }, 403],
    ['of an origin that is none', {}, { host: 'localhost:10020', origin: '\u00ff://[' }, 403],
    [
      'by a name that was made to lead here',
      {},
      { host: 'evil.example:10020', origin: 'http://evil.example:10020' },
      403,
    ],
    ['by such a name, without an origin', {}, { host: 'evil.example:10020' }, 403],
    ['by a name that only begins like this machine', {}, { host: 'localhost.evil.example' }, 403],
    ['by a name below localhost', {}, { host: 'digits.localhost:10020' }, 200],
    ['by a name with the final dot', {}, { host: 'localhost.:10020' }, 200],
    ['by a name that is allowed', { allowedHosts: 'a.example, Box.Example' }, { host: 'box.example:1' }, 200],
    [
      'by a name that ends like one that is allowed',
      { allowedHosts: 'box.example' },
      { host: 'evilbox.example' },
      403,
    ],
    [
      'from the one site that may',
      { corsOrigin: 'https://site.example' },
      { host: 'localhost', origin: 'https://site.example' },
      200,
    ],
    [
      'from a site below the one that may',
      { corsOrigin: 'https://site.example' },
      { host: 'localhost', origin: 'https://x.site.example' },
      403,
    ],
    ['to a frontend on all addresses', { interface: '0.0.0.0' }, { host: 'box.example' }, 200],
    [
      'to it from another site',
      { interface: '0.0.0.0' },
      { host: 'box.example', origin: 'http://evil.example' },
      403,
    ],
    ['with a host that is none', {}, { host: 'a b' }, 403],
  ])('%s', async (_, options, headers, status) => {
    expect(await ask(options, headers)).toMatchObject({ status });
  });

  test('is refused with what would allow it, and no more of a long header than helps', async () => {
    const { body } = await ask({}, { host: 'localhost', origin: `http://${'x'.repeat(5_000)}` });
    expect(body).toContain('--corsOrigin');
    expect(body.length).toBeLessThan(1_000);
    expect((await ask({}, { host: 'box.example' })).body).toContain('--allowedHosts');
  });
});

describe('a request that changes nothing', () => {
  test('may be read by any name and from any site', async () => {
    const headers = { host: 'evil.example', origin: 'http://evil.example' };
    expect(await ask({}, headers, '/change', 'GET')).toMatchObject({ status: 200 });
  });

  test.each(['/predict', '/v2/models/digits/infer'])(
    '%s comes by the name of a proxy, and from no other site',
    async (url) => {
      expect(await ask({}, { host: 'proxy.example' }, url)).toMatchObject({ status: 200 });
      expect(await ask({}, { host: 'proxy.example', origin: 'http://evil.example' }, url)).toMatchObject({
        status: 403,
      });
    },
  );
});

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['a.b.localhost', true],
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['[::ffff:7f00:1]', true],
  ['', false],
  ['0.0.0.0', false],
  ['128.0.0.1', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
  ['notlocalhost', false],
  ['::2', false],
  ['::ffff:8f00:1', false],
  ['127.0.0', false],
])('%j leads to this machine only: %s', (name, expected) => expect(isLoopback(name)).toBe(expected));
