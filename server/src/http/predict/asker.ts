import type { FastifyReply, FastifyRequest } from 'fastify';
import { readTraceparent, traceparentName } from '../../../../schemas/traceContext.ts';
import type { Wording } from '../routes/exampleInstance.ts';
import type { Frontend } from '../frontend.ts';
import { HttpError } from '../httpError.ts';
import type { Asker } from '../setup/servable.ts';

/** How long the client waits, in ms from now. */
export const deadlineHeader = 'x-deadline-ms';

/** Who asks: until when, and what happens when the client goes away before it has its answer. */
export function askerOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { options, metrics }: Frontend,
  wording: Wording,
): Asker {
  const deadline = performance.now() + waitMs(request, options.predictTimeout);
  const traceparent = readTraceparent(request.headers[traceparentName]);
  const asker: Asker = { uri: request.uri, deadline, traceparent, wording };
  reply.raw.once('close', () => {
    if (reply.raw.writableFinished) return;
    metrics.cancelled += 1;
    asker.hangUp?.();
  });
  return asker;
}

function waitMs(request: FastifyRequest, longest: number): number {
  const text = request.headers[deadlineHeader];
  if (text === undefined) return longest;
  const ms = Number(text);
  if (!(ms > 0))
    throw new HttpError('body-malformed', `The header ${deadlineHeader} takes milliseconds, more than 0.`);
  return Math.min(ms, longest);
}
