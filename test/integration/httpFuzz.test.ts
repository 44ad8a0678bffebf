import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { ask, startFrontend, startJob, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('fuzz');
  const text = `modelPath: ${join(root, 'examples/digits/model')}\njobName: digits\nimageResize: 8,8\n`;
  const path = workshop.config('digits', `${text}redisUrl: 127.0.0.1:${redis.port}\n`);
  await startJob(workshop, path);
  frontend = await startFrontend('-c', path, '--accessLog=false');
});

afterAll(async () => {
  agent.destroy();
  frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const image = readFileSync(join(root, 'examples/digits/images/digit-03.png'));
const zeros = {
  image: Array.from({ length: 3 }, () => Array.from({ length: 8 }, () => Array(8).fill(0.5) as number[])),
};
const tensorHead = JSON.stringify({
  inputs: [{ name: 'image', shape: [1, 3, 8, 8], datatype: 'FP32', parameters: { binary_data_size: 768 } }],
});
const form = `--b\r\nContent-Disposition: form-data; name="f"; filename="p"\r\n\r\n${image.toString('latin1')}\r\n--b--\r\n`;

/** Bodies that are right, to be damaged. */
const right: readonly Attempt[] = [
  {
    method: 'POST',
    path: '/predict',
    headers: {},
    body: Buffer.from(JSON.stringify({ instances: [zeros] })),
  },
  {
    method: 'POST',
    path: '/predict',
    headers: {},
    body: Buffer.from(JSON.stringify({ instances: [{ image: { b64: image.toString('base64') } }] })),
  },
  { method: 'POST', path: '/predict', headers: { 'content-type': 'image/png' }, body: image },
  {
    method: 'POST',
    path: '/predict',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: Buffer.from(form, 'latin1'),
  },
  {
    method: 'POST',
    path: '/v2/models/digits/infer',
    headers: { 'inference-header-content-length': String(tensorHead.length) },
    body: Buffer.concat([Buffer.from(tensorHead), Buffer.alloc(768)]),
  },
  {
    method: 'POST',
    path: '/v2/models/digits/infer',
    headers: {},
    body: Buffer.from(
      JSON.stringify({
        inputs: [
          { name: 'image', shape: [1, 3, 8, 8], datatype: 'FP32', data: Array(192).fill(1) as number[] },
        ],
      }),
    ),
  },
];

const damage = fc.record({
  what: fc.constantFrom(...right),
  changes: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 4 }),
  end: fc.option(fc.nat(), { freq: 3 }),
  twice: fc.boolean(),
});

const damaged = damage.map(({ what, changes, end, twice }): Attempt => {
  const body = Buffer.from(what.body);
  for (const { at, byte } of changes) body[at % body.length] = byte;
  const cut = end === null ? body : body.subarray(0, end % body.length);
  return { ...what, body: twice ? Buffer.concat([cut, cut]) : cut };
});

const values = fc.json({ maxDepth: 6 });
const madeUp = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE'),
  path: fc.oneof(
    fc.constantFrom(
      '/predict',
      '/v2/models/digits/infer',
      '/models/a/versions/1/predict',
      '/model-secure',
      '/ready',
      '/metrics',
      '/openapi.json',
      '/v2/models/%00/ready',
    ),
    fc.webPath().map((path) => (path.startsWith('/') ? path : `/${path}`)),
  ),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { 'content-type': 'application/json' },
    { 'content-type': 'image/jpeg' },
    { 'content-type': 'multipart/form-data' },
    { 'content-type': ';;;' },
    { 'content-encoding': 'gzip' },
    { 'inference-header-content-length': '-1' },
    { 'inference-header-content-length': 'x' },
    { 'x-deadline-ms': '-5' },
    { 'x-request-id': 'a b\tc' },
  ),
  body: fc.oneof(
    values.map((json) => Buffer.from(json)),
    values.map((json) => Buffer.from(`{"instances":[${json}]}`)),
    values.map((json) => Buffer.from(`{"instances":[{"image":${json}}]}`)),
    values.map((json) =>
      Buffer.from(`{"inputs":[{"name":"image","shape":[1],"datatype":"FP32","data":${json}}]}`),
    ),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  ),
});

interface Outcome {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly ms: number;
}

function send({ method, path, headers, body }: Attempt): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const message = request(
      frontend.url + path,
      { method, headers: { ...headers, 'content-length': body.length }, agent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
            ms: performance.now() - start,
          }),
        );
      },
    );
    message.on('error', reject);
    message.end(body);
  });
}

const requests = 20_000;
/** A wait of this length is a hang; a busy machine delays an answer by less. */
const hangMs = 10_000;

test('no request crashes the frontend, hangs it, or gets an error that is not JSON', async () => {
  const attempts = fc.sample(fc.oneof(damaged, madeUp), { numRuns: requests, seed: 5 });
  let next = 0;
  const wrong: unknown[] = [];
  const statuses = new Map<number, number>();
  const work = async () => {
    for (let i = next++; i < attempts.length; i = next++) {
      const attempt = attempts[i];
      if (!attempt) break;
      const { status, type, text, ms } = await send(attempt);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isFine =
        status < 400 ||
        (type.startsWith('application/json') &&
          typeof (JSON.parse(text) as { error?: unknown }).error === 'string');
      if (!isFine || ms > hangMs || status === 500)
        wrong.push({ ...attempt, body: attempt.body.toString('latin1'), status, text, ms });
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  expect(wrong).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(100);
  expect(statuses.get(400)).toBeGreaterThan(1_000);
  expect((await ask(`${frontend.url}/ready`)).json).toEqual({ ready: true });
}, 300_000);
