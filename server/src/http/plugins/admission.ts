import type { FastifyRequest } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import type { Servable } from '../servable.ts';

/** Decides, before the body is read, whether a prediction is begun; a refusal costs next to nothing.
 *  @throws HttpError "busy" beyond `parallelism`, "not-ready", "limited" */
export async function admit(request: FastifyRequest, frontend: Frontend, servable: Servable): Promise<void> {
  const { metrics, options } = frontend;
  if (metrics.inFlight >= options.parallelism)
    throw new HttpError('busy', `${metrics.inFlight} requests are being worked on.`, retryAfter);
  servable.requireReady();
  metrics.inFlight += 1;
  request.admitted = true;
  if (servable.bucket && !(await servable.bucket.acquire()))
    throw new HttpError('limited', 'limited', retryAfter);
}
