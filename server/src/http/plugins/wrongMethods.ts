import type { FastifyInstance, HTTPMethods } from 'fastify';
import { HttpError } from '../httpError.ts';

const all: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers 405 where `routes` has an address but not the method, and names those it has. */
export function refuseWrongMethods(app: FastifyInstance, routes: () => void): void {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    known.set(url, methods);
  });
  routes();
  for (const [url, methods] of [...known]) {
    const allow = [...methods].join(', ');
    const method = all.filter((one) => !methods.has(one));
    app.route({
      url,
      method,
      handler: (request) => {
        throw new HttpError('method-not-allowed', `${request.method} is not for ${url}; it takes ${allow}.`, {
          allow,
        });
      },
    });
  }
}
