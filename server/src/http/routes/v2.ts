import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import type { Choice } from '../../../../schemas/rollout.ts';
import { askerOf } from '../predict/asker.ts';
import { tensorsWording } from './exampleInstance.ts';
import type { Frontend } from '../frontend.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import { admit } from '../plugins/admission.ts';
import type { Servable } from '../setup/servable.ts';
import { datatypeOfModel } from '../../tensor/elementTypes.ts';
import type { InferRequest } from '../v2/inferRequest.ts';
import { inferResponse } from '../v2/inferResponse.ts';
import { readiness } from './health.ts';
import { blockerIn } from '../watch/readiness.ts';
import { v2Servable, versionOf, versionsOf } from './v2Servable.ts';

const headerLengthName = 'inference-header-content-length';

/** The Open Inference Protocol, version 2, over REST. Models are the main job, by the name of its stream, and those of
 *  servables-conf.yaml. @see https://github.com/kserve/open-inference-protocol */
export function v2Routes(app: FastifyInstance, frontend: Frontend): void {
  app.get('/v2', () => ({
    name: 'cluster-serving',
    version: frontend.version,
    extensions: ['binary_tensor_data', 'classification', 'model_repository', 'statistics'],
  }));
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', (_request, reply) => answerReady(reply, frontend, frontend.main, {}));
  for (const base of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get(base, (request, reply) => reply.send(metadata(v2Servable(request, frontend), frontend)));
    app.get(`${base}/ready`, (request, reply) => {
      const servable = v2Servable(request, frontend);
      return answerReady(reply, frontend, servable, { name: servable.facts.modelName });
    });
    app.post(`${base}/infer`, {
      onRequest: (request, _reply, done) => admit(request, frontend, v2Servable(request, frontend), done),
      handler: (request, reply) => infer(request, reply, frontend),
    });
  }
}

function answerReady(
  reply: FastifyReply,
  frontend: Frontend,
  servable: Servable,
  facts: object,
): FastifyReply {
  const wrong = blockerIn(readiness(frontend, servable));
  if (!wrong) return reply.send({ ...facts, ready: true });
  return reply
    .code(503)
    .headers(retryAfter)
    .send({ ...facts, ready: false, error: wrong.detail });
}

function metadata(servable: Servable, { main, servables }: Frontend): object {
  const { modelName } = servable.facts;
  const model = servable.model();
  if (!model)
    throw new HttpError(
      'not-ready',
      `Nothing is known of the model ${modelName} until a worker is ready.`,
      retryAfter,
    );
  const versions = [...servables, main].filter(({ facts }) => facts.modelName === modelName);
  return {
    name: modelName,
    versions: versions.flatMap((one) => versionsOf(one, main)),
    platform: 'cluster-serving',
    inputs: model.inputs.map((info) => tensorMetadata(info)),
    outputs: model.outputs.map((info) => tensorMetadata(info)),
  };
}

function tensorMetadata({ name, type, shape }: TensorInfo): object {
  return { name, datatype: datatypeOfModel(type), shape: shape.map((size) => size ?? -1) };
}

async function infer(
  request: FastifyRequest,
  reply: FastifyReply,
  frontend: Frontend,
): Promise<FastifyReply> {
  const servable = v2Servable(request, frontend);
  const asker = askerOf(request, reply, frontend, tensorsWording);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  let parsed: InferRequest;
  try {
    parsed = await frontend.bodies.infer(body, jsonLength(request.headers));
  } catch (error) {
    throw servable.explain(error, tensorsWording);
  }
  const choice = choiceOf(request, parsed, servable === frontend.main);
  asker.choice = choice;
  // What is served may be exchanged before the answer comes: what is said of it is to be of the model that answers.
  const facts = {
    modelName: servable.facts.modelName,
    modelVersion: versionOf(servable, frontend.main, choice),
    outputs: servable.model(choice)?.outputs ?? [],
    labels: servable.labels(choice),
  };
  const [prediction = []] = await servable.predict([parsed.inputs], asker);
  const response = inferResponse(prediction, parsed, facts);
  if (response.headerLength === undefined) return reply.type('application/json').send(response.body);
  return reply
    .header(headerLengthName, response.headerLength)
    .type('application/octet-stream')
    .send(response.body);
}

/** By the id that the client gave in the header, or else in the body. In servables-conf.yaml versions are names of jobs. */
function choiceOf(request: FastifyRequest, { id }: InferRequest, isMain: boolean): Choice {
  const isGiven = request.headers['x-request-id'] === request.id;
  const { version } = request.params as { readonly version?: string };
  return { name: isGiven ? request.id : (id ?? request.id), ...(isMain ? { version } : {}) };
}

/** How many bytes of a body are JSON, where binary tensors follow it. */
export function jsonLength(headers: IncomingHttpHeaders): number | undefined {
  const text = headers[headerLengthName];
  return text === undefined ? undefined : Number(text);
}
