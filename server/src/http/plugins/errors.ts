import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { printableStack } from '../../../../schemas/printable.ts';
import { HttpError, errorReply } from '../httpError.ts';

/** Every error leaves the server through here, as JSON. */
export function replyWithError(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.slice(0, 200);
    const error = new HttpError('route-unknown', `There is nothing at ${path}; /docs lists what there is.`);
    return sendError(error, request, reply, log);
  });
}

export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  const { status, headers, body, isBug } = errorReply(error);
  if (isBug)
    log.error({ requestId: request.id, stack: printableStack(error) }, 'a request failed unexpectedly');
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** Node answers these two by itself, without a body; they get the form of all other errors. */
export function answerOddHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const isMissing = request.headers.host === undefined && request.raw.httpVersion === '1.1';
    done(isMissing ? new HttpError('body-malformed', 'The request needs the header Host.') : undefined);
  });
  app.server.on('checkExpectation', ({ headers }: IncomingMessage, response: ServerResponse) => {
    const expected = (headers.expect ?? '').slice(0, 100);
    const error = new HttpError(
      'expectation-failed',
      `Nothing is known of "Expect: ${expected}"; 100-continue is.`,
    );
    const { status, body } = errorReply(error);
    const text = JSON.stringify(body);
    // What the client sends after it is not read.
    response
      .writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        connection: 'close',
      })
      .end(text);
  });
}

/** Requests that are no HTTP, or that take too long to arrive, never reach a route: Node reports them here. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, reason, text } = brokenRequest(error.code);
  if (socket.writable) {
    const body = JSON.stringify({ error: text });
    const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close`;
    socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

function brokenRequest(code: string | undefined): { status: number; reason: string; text: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'Request Timeout', text: 'The request did not arrive in time.' };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, reason: 'Request Header Fields Too Large', text: 'The headers are too large.' };
    default:
      return { status: 400, reason: 'Bad Request', text: 'That is not an HTTP request.' };
  }
}
