import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import { HttpError } from '../../../../server/src/http/httpError.ts';
import { answerBrokenRequest, replyWithError } from '../../../../server/src/http/plugins/errors.ts';

let app: FastifyInstance;
let logged: string[];
beforeEach(() => {
  logged = [];
  app = Fastify();
  replyWithError(app, pino({}, { write: (line: string) => logged.push(line) }));
});
afterEach(() => app.close());

async function ask(thrown: unknown) {
  app.get('/fails', () => {
    throw thrown;
  });
  const { statusCode, headers, body } = await app.inject('/fails');
  return { status: statusCode, headers, body: JSON.parse(body) as unknown };
}

describe('an error', () => {
  test.each<[Error, number, boolean]>([
    [new HttpError('limited', 'Wait.', { 'retry-after': '1' }), 429, false],
    [new HttpError('not-ready', 'Not yet.'), 503, false],
    [new ServingError('record-undecodable', 'no tensor'), 400, false],
    [new TypeError('x is not a function'), 500, true],
    [new Error('\u001b[31m\n"'), 500, true],
  ])('%s leaves as JSON with its status, and a bug is in the log', async (error, status, isBug) => {
    const reply = await ask(error);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(logged.length > 0).toBe(isBug);
    if (isBug) expect(JSON.stringify(reply.body)).not.toContain(error.message);
    // eslint-disable-next-line no-control-regex -- these act on a terminal
    for (const line of logged) expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
  });

  test('takes its headers along', async () => {
    const { headers } = await ask(new HttpError('limited', 'Wait.', { 'retry-after': '7' }));
    expect(headers['retry-after']).toBe('7');
  });

  test('of a path that is not there names no more of it than helps', async () => {
    const { statusCode, body } = await app.inject(`/${'x'.repeat(5_000)}`);
    expect(statusCode).toBe(404);
    expect(body.length).toBeLessThan(500);
  });
});

describe('what is no HTTP', () => {
  function answered(code: string | undefined, more: object = {}): string {
    const stream = Object.assign(new PassThrough(), { destroySoon: () => stream.end() }, more);
    answerBrokenRequest(Object.assign(new Error('parse'), { code }), stream as unknown as Socket);
    return String((stream.read() as Buffer | null) ?? '');
  }

  test.each([
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
    ['HPE_HEADER_OVERFLOW', 431],
    ['HPE_INVALID_METHOD', 400],
    [undefined, 400],
  ])('(%s) is answered with %d as HTTP, and as long as it says', (code, status) => {
    const [head = '', body = ''] = answered(code).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    expect(head).toMatch(/\r\nConnection: close/);
    expect(Number(/Content-Length: (\d+)/.exec(head)?.[1])).toBe(Buffer.byteLength(body));
    expect(JSON.parse(body)).toHaveProperty('error');
  });

  test('is not answered where there is no client any more', () => {
    expect(answered('ECONNRESET')).toBe('');
    expect(answered('HPE_INVALID_METHOD', { writable: false })).toBe('');
  });
});
