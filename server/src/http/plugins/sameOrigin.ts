import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError } from '../httpError.ts';

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Predictions change nothing that is kept, and a proxy before the frontend may pass them on under its own name. */
const isPrediction = /\/(?:predict|infer)$/;

/** Refuses requests that a page of another site makes in a visitor's browser. Such a page can send simple POST requests
 *  anywhere, and one whose name was made to lead to this machine (DNS rebinding) counts as the same site for the browser.
 *  Programs send no Origin, and are let in. */
export function guardOrigin(app: FastifyInstance, { options }: Frontend): void {
  const allowed = new Set(options.allowedHosts.split(',').map((name) => name.trim().toLowerCase()));
  const isLocal = isLoopback(options.interface);
  const mayName = (name: string) => !isLocal || isLoopback(name) || allowed.has(name);

  function check(request: FastifyRequest): HttpError | undefined {
    const { origin, host = '' } = request.headers;
    if (origin !== undefined && origin !== options.corsOrigin) {
      const from = URL.canParse(origin) ? new URL(origin) : undefined;
      const isSame = from?.host === withoutDefaultPort(host, from?.protocol ?? '');
      if (!from || !isSame || !mayName(nameOf(from)))
        return refused(`A page of ${origin.slice(0, 200)} may not send this`, '--corsOrigin=<origin>');
    }
    if (isPrediction.test(request.routeOptions.url ?? '')) return undefined;
    const to = `http://${host}`;
    if (!URL.canParse(to) || !mayName(nameOf(new URL(to))))
      return refused(`This frontend is not called ${host.slice(0, 200)}`, '--allowedHosts=<name>');
    return undefined;
  }

  app.addHook('onRequest', (request, _reply, done) => {
    done(readingMethods.has(request.method) ? undefined : check(request));
  });
}

function refused(what: string, option: string): HttpError {
  return new HttpError('origin-refused', `${what}; ${option} allows it.`);
}

function nameOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '');
}

/** Browsers leave out a port that goes without saying. */
function withoutDefaultPort(host: string, protocol: string): string {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : host;
}

/** Names and addresses that lead to this machine only. */
export function isLoopback(name: string): boolean {
  const plain = name.toLowerCase().replace(/^\[|\]$/g, '');
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3}|::ffff:7f\w\w:\w{1,4})$/.test(
    plain,
  );
}
