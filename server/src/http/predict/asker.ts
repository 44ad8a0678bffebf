import type { FastifyReply, FastifyRequest } from 'fastify';
import { readTraceparent, traceparentName } from '../../../../schemas/traceContext.ts';
import type { SpanFacts } from '../../tracing/spans.ts';
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
  { options, metrics, tracing }: Frontend,
  wording: Wording,
): Asker {
  const deadline = performance.now() + waitMs(request, options.predictTimeout);
  const parent = readTraceparent(request.headers[traceparentName]);
  const span = tracing?.begin(spanOf(request, reply, parent));
  const traceparent = span?.traceparent ?? parent;
  // The same request, sent again under its id, is to get the same version of the model.
  const choice = { name: request.id };
  const asker: Asker = { uri: request.uri, deadline, traceparent, choice, wording };
  reply.raw.once('close', () => {
    const status = reply.raw.writableFinished ? reply.statusCode : undefined;
    const isFailure = status === undefined || status >= 500;
    const attributes = status === undefined ? {} : { 'http.response.status_code': status };
    span?.end(nowMs(), attributes, isFailure ? String(status ?? 'cancelled') : undefined);
    if (reply.raw.writableFinished) return;
    metrics.cancelled += 1;
    asker.hangUp?.();
  });
  return asker;
}

/** By the attributes of OpenTelemetry's semantic conventions. */
function spanOf(request: FastifyRequest, reply: FastifyReply, parent: string | undefined): SpanFacts {
  const route = request.routeOptions.url ?? '';
  return {
    name: `${request.method} ${route}`,
    kind: 'server',
    parent,
    startMs: nowMs() - reply.elapsedTime,
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      'url.path': request.url.split('?')[0] ?? '',
      'url.scheme': request.protocol,
      'client.address': request.ip,
    },
  };
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function waitMs(request: FastifyRequest, longest: number): number {
  const text = request.headers[deadlineHeader];
  if (text === undefined) return longest;
  const ms = Number(text);
  if (!(ms > 0))
    throw new HttpError('body-malformed', `The header ${deadlineHeader} takes milliseconds, more than 0.`);
  return Math.min(ms, longest);
}
