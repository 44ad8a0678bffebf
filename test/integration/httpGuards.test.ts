import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import {
  ask,
  post,
  row,
  startFrontend,
  startJob,
  tensorsOf,
  type Answer,
  type Tensor,
  type TestFrontend,
} from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let path: string;
let local: TestFrontend;
let key: TestFrontend;
let named: TestFrontend;
let open: TestFrontend;
const frontends: TestFrontend[] = [];

async function frontend(...args: string[]): Promise<TestFrontend> {
  const started = await startFrontend('-c', path, ...args);
  frontends.push(started);
  return started;
}

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('guards');
  path = workshop.config(
    'mlp',
    `modelPath: ${join(models, 'mlp')}\njobName: mlp\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  await startJob(workshop, path);
  local = await frontend();
  key = await frontend('--apiKey=s3cret key');
  named = await frontend('--allowedHosts=models.example, other.example', '--corsOrigin=https://app.example');
  open = await frontend('--interface=0.0.0.0');
});

afterAll(async () => {
  for (const one of frontends) one.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A request as bytes: what `fetch` would not send. */
function raw(url: string, text: string): Promise<RawAnswer> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (chunk) => (got += chunk.toString()));
    socket.on('close', () => {
      const [head = '', body = ''] = got.split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), head, body });
    });
    socket.on('error', reject);
  });
}

function request(
  frontendUrl: string,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<RawAnswer> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`POST ${path} HTTP/1.1`, ...lines, `Content-Length: ${body.length}`, 'Connection: close'];
  return raw(frontendUrl, `${head.join('\r\n')}\r\n\r\n${body}`);
}

const secrets = 'secret=a&salt=b';
const stored = () => redis.client.hget('model_secured', 'secret');

describe('a page in a browser on this machine', () => {
  const hosts = { own: () => new URL(local.url).host };

  test.each<readonly [string, () => Record<string, string>]>([
    ['of another site', () => ({ Host: hosts.own(), Origin: 'https://evil.example' })],
    ['of another port of this machine', () => ({ Host: hosts.own(), Origin: 'http://127.0.0.1:1' })],
    ['of no site', () => ({ Host: hosts.own(), Origin: 'null' })],
    ['of a site whose origin is no address', () => ({ Host: hosts.own(), Origin: 'nonsense' })],
    ['of a name that was made to lead here', () => ({ Host: 'evil.example', Origin: 'http://evil.example' })],
    ['of such a name with the port', () => ({ Host: `evil.example:${new URL(local.url).port}` })],
    ['of a name that begins as this machine', () => ({ Host: 'localhost.evil.example' })],
    ['of a number that begins as this machine', () => ({ Host: '127.0.0.1.evil.example' })],
  ])('%s changes nothing', async (_who, headers) => {
    await redis.client.del('model_secured');
    const answer = await request(local.url, '/model-secure', headers(), secrets);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin-refused' });
    expect((await request(local.url, '/model-secure/', headers(), secrets)).status).toBe(403);
    expect(await stored()).toBeNull();
  });

  test.each<readonly [string, () => Record<string, string>]>([
    ['a program', () => ({ Host: hosts.own() })],
    ['a program that says localhost', () => ({ Host: `localhost:${new URL(local.url).port}` })],
    ['a program that says LOCALHOST.', () => ({ Host: 'LOCALHOST.' })],
    ['a program on IPv6', () => ({ Host: '[::1]:10020' })],
    ['a page of its own', () => ({ Host: hosts.own(), Origin: local.url })],
  ])('%s may', async (_who, headers) => {
    await redis.client.del('model_secured');
    expect((await request(local.url, '/model-secure', headers(), secrets)).status).toBe(200);
    expect(await stored()).toBe('a');
  });

  const body = JSON.stringify({ instances: [{ x: row(1) }] });

  test('of another site gets no prediction; a program does, under whatever name', async () => {
    const evil = { Host: 'evil.example', Origin: 'http://evil.example' };
    for (const path of ['/predict', '/v2/models/mlp/infer'])
      expect((await request(local.url, path, evil, body)).status).toBe(403);
    expect((await request(local.url, '/predict', { Host: 'behind.a.proxy' }, body)).status).toBe(200);
    expect(
      (await request(local.url, '/predict', { Host: hosts.own(), Origin: local.url }, body)).status,
    ).toBe(200);
  });

  test('of a name or an origin that the options name may do both', async () => {
    const { host } = new URL(named.url);
    for (const headers of [
      { Host: 'models.example', Origin: 'https://models.example' },
      { Host: 'Other.Example:8443', Origin: 'https://other.example:8443' },
      { Host: host, Origin: 'https://app.example' },
    ]) {
      expect((await request(named.url, '/model-secure', headers, secrets)).status).toBe(200);
      expect((await request(named.url, '/predict', headers, body)).status).toBe(200);
    }
  });

  test('a frontend for all machines has any name, and still no visitors from other sites', async () => {
    const send = (headers: Record<string, string>) => request(open.url, '/model-secure', headers, secrets);
    expect((await send({ Host: 'server-7:10020' })).status).toBe(200);
    expect((await send({ Host: 'server-7:10020', Origin: 'http://server-7:10020' })).status).toBe(200);
    expect((await send({ Host: 'server-7:10020', Origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('headers', () => {
  test.each(['Bearer s3cret key', 'bearer s3cret key', 'BEARER   s3cret key'])(
    'the key is read from "%s"',
    async (authorization) => {
      expect((await ask(`${key.url}/metrics`, { headers: { authorization } })).status).toBe(200);
    },
  );

  test.each([
    's3cret key',
    'Bearer',
    'Bearer s3cret',
    'Bearer s3cret key2',
    'Basic s3cret key',
    'Bearers3cret key',
    '',
  ])('the key is not in "%s"', async (authorization) => {
    const answer = await ask(`${key.url}/metrics`, { headers: { authorization } });
    expect([answer.status, answer.json.code]).toEqual([401, 'unauthorized']);
  });

  test.each<readonly [string, string, number, string]>([
    [
      'an expectation that is unknown',
      'POST /predict HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 9\r\n\r\n',
      417,
      'expectation-failed',
    ],
    ['no Host', 'GET /live HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'body-malformed'],
  ])('%s is answered in JSON', async (_what, text, status, code) => {
    const answer = await raw(local.url, text);
    expect(answer.status).toBe(status);
    expect(answer.head).toMatch(/content-type: application\/json/i);
    expect(JSON.parse(answer.body)).toMatchObject({ code, error: expect.any(String) as string });
  });

  test('what HTTP 1.0 does not need is not missed, and what is expected of old is done', async () => {
    expect((await raw(local.url, 'GET /live HTTP/1.0\r\n\r\n')).status).toBe(200);
    const body = JSON.stringify({ instances: [{ x: row(1) }] });
    const got = await request(local.url, '/predict', { Host: 'a', Expect: '100-continue' }, body);
    expect(`${got.head}${got.body}`).toContain('100 Continue');
  });
});

describe('every address that is read', () => {
  const paths = [
    '/', '/live', '/ready', '/health', '/metrics', '/metrics/prometheus', '/models', '/openapi.json', '/docs', '/docs/docs.js',
    '/monitor', '/monitor/monitor.js', '/monitor/data', '/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/mlp',
    '/v2/models/mlp/ready', '/v2/models/mlp/versions/1',
  ]; // prettier-ignore

  test.each(paths)('%s answers HEAD, and with a slash behind it', async (path) => {
    const plain = await ask(`${local.url}${path}`);
    expect(plain.status).toBe(200);
    const slash = await ask(`${local.url}${path === '/' ? '' : path}/`);
    const head = await fetch(`${local.url}${path}`, { method: 'HEAD' });
    expect([slash.status, head.status]).toEqual([200, 200]);
    expect(await head.text()).toBe('');
    for (const answer of [slash, head])
      expect(answer.headers.get('content-type')).toBe(plain.headers.get('content-type'));
  });

  test('predictions take a slash, too; HEAD is not for them, and nothing is nowhere', async () => {
    expect((await post(`${local.url}/predict/`, { instances: [{ x: row(1) }] })).status).toBe(200);
    expect((await fetch(`${local.url}/predict`, { method: 'HEAD' })).status).toBe(405);
    expect((await fetch(`${local.url}/nowhere`, { method: 'HEAD' })).status).toBe(404);
  });
});

describe('bodies', () => {
  const predict = (body: string | Uint8Array, headers = {}) => post(`${local.url}/predict`, body, headers);

  test('a byte order mark before JSON is no part of it', async () => {
    const text = `\ufeff${JSON.stringify({ instances: [{ x: row(1) }] })}`;
    expect((await predict(text)).status).toBe(200);
    expect((await predict(gzipSync(text), { 'content-encoding': 'gzip' })).status).toBe(200);
    const inputs = [{ name: 'x', shape: [1, 64], datatype: 'FP32', data: row(1) }];
    expect(
      (await post(`${local.url}/v2/models/mlp/infer`, `\ufeff${JSON.stringify({ inputs })}`)).status,
    ).toBe(200);
    expect((await predict(`\ufeff\ufeff${text}`)).status).toBe(400);
  });

  test('a long body is read to the same numbers as a short one', async () => {
    const records = (count: number) => Array.from({ length: count }, (_, i) => ({ x: row(i) }));
    const text = JSON.stringify({ instances: records(900) });
    expect(text.length).toBeGreaterThan(600_000);
    const long = tensorsOf(await predict(text)) as Tensor[];
    const short = tensorsOf(await predict(JSON.stringify({ instances: records(3) }))) as Tensor[];
    expect(long).toHaveLength(900);
    short.forEach(({ data }, i) =>
      data.forEach((value, k) => expect(long[i]?.data[k]).toBeCloseTo(value, 4)),
    );
    const inputs = [
      { name: 'x', shape: [900, 64], datatype: 'FP32', data: records(900).flatMap(({ x }) => x) },
    ];
    const infer = await post(`${local.url}/v2/models/mlp/infer`, { inputs });
    expect((infer.json.outputs as { shape: number[] }[])[0]?.shape).toEqual([900, 10]);
  });

  test('what is wrong in a long body is said as in a short one', async () => {
    const wrong = { x: [...row(1).slice(1), 'text'] };
    const answer = await predict(
      JSON.stringify({ instances: [...Array.from({ length: 900 }, () => ({ x: row(1) })), wrong] }),
    );
    expect([answer.status, answer.json.code]).toEqual([400, 'record-undecodable']);
    expect(answer.json.error).toContain('instances[900].x[63]');
    const cut = await predict(`{"instances":[{"x":"${'a'.repeat(700_000)}`);
    expect([cut.status, cut.json.code]).toEqual([400, 'record-undecodable']);
  });

  const isTooLarge = (answer: Answer) =>
    expect([answer.status, answer.json.code]).toEqual([413, 'body-too-large']);

  test('more instances than may be are refused, however they are sent', async () => {
    const text = JSON.stringify({ instances: Array(1_001).fill({ x: 1 }) });
    expect(text.length).toBeLessThan(64 * 1024);
    isTooLarge(await predict(text));
    isTooLarge(await predict(JSON.stringify({ instances: Array(100_000).fill({ x: 1 }) })));
  });

  test('a small body that unpacks to an endless list is refused, and others are answered meanwhile', async () => {
    const bomb = gzipSync(`{"instances":[${'{},'.repeat(20_000_000)}{}]}`);
    const refused = predict(bomb, { 'content-encoding': 'gzip' });
    expect((await ask(`${local.url}/live`)).status).toBe(200);
    isTooLarge(await refused);
  });
});
