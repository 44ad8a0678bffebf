import type { FastifyRequest } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import type { Servable } from '../setup/servable.ts';

/** Decides, before the body is read, whether a prediction is begun; a refusal costs next to nothing.
 *  Calls back with HttpError "busy" beyond `parallelism`, "not-ready", "limited" */
export function admit(
  request: FastifyRequest,
  frontend: Frontend,
  servable: Servable,
  done: (error?: Error) => void,
): void {
  const { metrics, options } = frontend;
  try {
    if (frontend.refusing) throw new HttpError('not-ready', 'The worker is stopping.', retryAfter);
    if (metrics.inFlight >= options.parallelism)
      throw new HttpError('busy', `${metrics.inFlight} requests are being worked on.`, retryAfter);
    servable.requireReady();
  } catch (error) {
    done(error as Error);
    return;
  }
  metrics.inFlight += 1;
  request.admitted = true;
  if (!servable.bucket) done();
  else
    void servable.bucket.acquire().then((isLet) => {
      if (isLet) done();
      else done(new HttpError('limited', 'limited', retryAfter));
    });
}
