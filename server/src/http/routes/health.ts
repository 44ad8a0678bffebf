import type { FastifyInstance } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { retryAfter } from '../httpError.ts';
import { blockerIn, type Check } from '../watch/readiness.ts';
import type { Servable } from '../setup/servable.ts';

export function healthRoutes(app: FastifyInstance, frontend: Frontend): void {
  // That this answers is all there is to say of a process.
  app.get('/live', () => ({ live: true }));
  app.get('/ready', (_request, reply) => {
    const wrong = blockerIn(readiness(frontend, frontend.main));
    if (!wrong) return { ready: true };
    return reply.code(503).headers(retryAfter).send({ ready: false, error: wrong.detail });
  });
  app.get('/health', (_request, reply) => {
    const checks = readiness(frontend, frontend.main);
    const wrong = blockerIn(checks);
    if (!wrong) return { ready: true, checks };
    return reply.code(503).headers(retryAfter).send({ ready: false, error: wrong.detail, checks });
  });
}

/** All that must be well before a load balancer may send requests here. */
export function readiness(frontend: Frontend, servable: Servable): readonly Check[] {
  const stopping: Check = { name: 'frontend', ok: false, detail: 'The frontend is stopping.', ageMs: 0 };
  return frontend.stopping ? [stopping, ...servable.checks()] : servable.checks();
}
