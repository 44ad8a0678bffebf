import type { FastifyInstance } from 'fastify';
import { readTraceparent, traceparentName } from '../../../../schemas/traceContext.ts';
import type { Frontend } from '../frontend.ts';

/** What is counted for a client that went away, as nginx does. */
const hungUpStatus = 499;

/** Gives each request its id, counts it, and logs it when it is answered: neither its body nor its headers. */
export function countAndLog(
  app: FastifyInstance,
  frontend: Frontend,
  writeLine: (line: string) => void,
  nextId: () => string,
): void {
  const { metrics, options } = frontend;
  const job = JSON.stringify(options.redisInputQueue);
  app.addHook('onRequest', (request, reply, done) => {
    const { id } = request;
    // A client may give an id twice; records need names of their own.
    request.uri = request.headers['x-request-id'] === id ? `${nextId()}~${id}` : id;
    reply.header('x-request-id', id);
    if (frontend.stopping) reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const ms = reply.elapsedTime;
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.raw.writableFinished ? reply.statusCode : hungUpStatus;
    metrics.countRequest(request.method, route, status, ms);
    if (request.admitted) {
      metrics.inFlight -= 1;
      metrics.timers.overall.add(ms);
    }
    if (options.accessLog) {
      const traceparent = readTraceparent(request.headers[traceparentName]);
      const trace = traceparent === undefined ? '' : `,"traceparent":"${traceparent}"`;
      // In the form of the log's other lines; nothing in it needs escaping, and writing it by hand halves its price.
      writeLine(
        `{"time":"${new Date().toISOString()}","level":"info","message":"request","job":${job},"requestId":"${request.id}","method":"${request.method}","route":"${route}","status":${status},"ms":${ms.toFixed(3)},"remote":"${request.ip}"${trace}}\n`,
      );
    }
    done();
  });
}
