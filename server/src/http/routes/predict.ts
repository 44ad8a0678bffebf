import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { timingHeader } from '../../../../schemas/pages.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import { askerOf } from '../predict/asker.ts';
import { instancesWording } from './exampleInstance.ts';
import type { Frontend } from '../frontend.ts';
import { imageInstances } from '../body/imageBody.ts';
import { admit } from '../plugins/admission.ts';
import { predictionsBody } from '../predict/predictions.ts';
import { tooManyInstances } from '../body/jsonLimits.ts';
import { maxTextLength, type Servable } from '../setup/servable.ts';

export function predictRoute(app: FastifyInstance, frontend: Frontend): void {
  app.post('/predict', {
    onRequest: (request, _reply, done) => admit(request, frontend, frontend.main, done),
    handler: (request, reply) => predict(request, reply, frontend, frontend.main),
  });
}

/** The original's protocol: instances in, one prediction for each out. */
export async function predict(
  request: FastifyRequest,
  reply: FastifyReply,
  frontend: Frontend,
  servable: Servable,
): Promise<string> {
  const asker = askerOf(request, reply, frontend, instancesWording);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const receivedMs = reply.elapsedTime;
  const { records, text } = await readBody(request, body, frontend, servable);
  const readMs = reply.elapsedTime;
  if (records.length > frontend.options.maxInstances) throw tooManyInstances(frontend.options.maxInstances);
  const predictions = await servable.predict(records, asker, text);
  if (request.headers[timingHeader] !== undefined)
    reply.header('server-timing', serverTiming(receivedMs, readMs, reply.elapsedTime));
  reply.type('application/json; charset=utf-8');
  return predictionsBody(predictions);
}

/** Where the time of a request went, each moment in ms since it began to arrive. @see W3C Server Timing */
function serverTiming(receivedMs: number, readMs: number, answeredMs: number): string {
  const parts = { receive: receivedMs, read: readMs - receivedMs, predict: answeredMs - readMs };
  return Object.entries(parts)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(3)}`)
    .join(', ');
}

interface ReadBody {
  readonly records: readonly RecordInputs[];
  readonly text?: string;
}

async function readBody(
  request: FastifyRequest,
  body: Buffer,
  { bodies }: Frontend,
  servable: Servable,
): Promise<ReadBody> {
  try {
    const images = imageInstances(request, body, servable.model());
    if (images) return { records: images };
    const records = await bodies.instances(body);
    // Long ones never go on as they came.
    return body.length <= maxTextLength ? { records, text: body.toString() } : { records };
  } catch (error) {
    throw servable.explain(error, instancesWording);
  }
}
