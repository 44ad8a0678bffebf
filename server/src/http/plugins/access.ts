import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError } from '../httpError.ts';
import { pagePaths } from '../routes/pages.ts';

/** Health is asked by machinery that holds no key, and contains no secret. A browser that opens a page holds none either: the
 *  page asks its user for it, and what it shows comes from addresses that want it. */
const openRoutes = new Set<string>([
  ...['/health', '/live', '/ready', '/v2/health/live', '/v2/health/ready'],
  ...Object.values(pagePaths).flatMap(({ page, script }) => [page, script]),
]);

/** Asks for the API key where one is set, and lets pages of one other origin call where one is named. */
export function guardAccess(app: FastifyInstance, { options }: Frontend): void {
  const { apiKey, corsOrigin } = options;
  if (corsOrigin) {
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('access-control-allow-origin', corsOrigin).header('vary', 'Origin');
      if (request.method === 'OPTIONS') {
        reply
          .headers({
            'access-control-allow-methods': 'GET, POST',
            'access-control-allow-headers': '*, Authorization',
          })
          .code(204)
          .send();
        return;
      }
      done();
    });
  }
  if (!apiKey) return;
  const wanted = digest(apiKey);
  app.addHook('onRequest', (request, _reply, done) => {
    const isOpen = openRoutes.has(request.routeOptions.url ?? '');
    const given = /^bearer +(.*)$/is.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (isOpen || timingSafeEqual(digest(given.trimEnd()), wanted)) done();
    else {
      const headers = { 'www-authenticate': 'Bearer' };
      done(
        new HttpError('unauthorized', 'The request needs the header Authorization: Bearer <key>.', headers),
      );
    }
  });
}

/** Equal lengths, so that a comparison does not reveal the key's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
