import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError } from '../httpError.ts';
import { admit } from '../plugins/admission.ts';
import type { Servable } from '../setup/servable.ts';
import { shownFacts } from '../setup/servableFacts.ts';
import { predict } from './predict.ts';

/** The models of servables-conf.yaml. */
export function modelRoutes(app: FastifyInstance, frontend: Frontend): void {
  const { timers } = frontend.metrics;
  app.get('/models', (_request, reply) => {
    const start = performance.now();
    const body = frontend.servables.map(({ facts }) => shownFacts(facts));
    timers.servables.add(performance.now() - start);
    return reply.send(body);
  });
  app.get<{ Params: { name: string } }>('/models/:name', (request, reply) => {
    const found = frontend.servables.filter(({ facts }) => facts.modelName === request.params.name);
    if (found.length === 0) throw unknownModel(request.params.name);
    return reply.send(found.map(({ facts }) => shownFacts(facts)));
  });
  app.get('/models/:name/versions/:version', (request, reply) => {
    const start = performance.now();
    const { facts } = servableOf(request, frontend);
    timers.servable.add(performance.now() - start);
    return reply.send({ type: 'ClusterServingMetaData', ...shownFacts(facts) });
  });
  app.post('/models/:name/versions/:version/predict', {
    onRequest: (request, _reply, done) => admit(request, frontend, servableOf(request, frontend), done),
    handler: (request, reply) => predict(request, reply, frontend, servableOf(request, frontend)),
  });
}

function servableOf(request: FastifyRequest, frontend: Frontend): Servable {
  const { name, version } = request.params as { readonly name: string; readonly version: string };
  const found = frontend.servables.find(
    ({ facts }) => facts.modelName === name && facts.modelVersion === version,
  );
  if (!found) throw unknownModel(name, version);
  return found;
}

export function unknownModel(name: string, version?: string): HttpError {
  const what = version === undefined ? name : `${name}, version ${version}`;
  return new HttpError('model-unknown', `There is no model ${what.slice(0, 200)}.`);
}
