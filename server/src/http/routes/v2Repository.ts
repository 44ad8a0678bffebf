import type { FastifyInstance } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError } from '../httpError.ts';
import type { Servable } from '../setup/servable.ts';
import { blockerIn } from '../watch/readiness.ts';
import { readiness } from './health.ts';
import { v2Servable, versionOf } from './v2Servable.ts';

/** The repository of models, as the extension of the Open Inference Protocol has it: which there are, and a load of what is in
 *  the files of one now. @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md */
export function v2RepositoryRoutes(app: FastifyInstance, frontend: Frontend): void {
  app.post('/v2/repository/index', (request, reply) => {
    const rows = [...frontend.servables, frontend.main].map((servable) => indexRow(servable, frontend));
    return reply.send(isReadyWanted(request.body) ? rows.filter(({ state }) => state === 'READY') : rows);
  });
  app.post('/v2/repository/models/:name/load', async (request, reply) => {
    const servable = v2Servable(request, frontend);
    const reports = await servable.reload();
    if (reports.length === 0)
      throw new HttpError('not-ready', `No worker serves the model ${servable.facts.modelName}.`);
    const refusal = reports.find(({ state }) => state === 'refused')?.refusal;
    if (refusal) throw new HttpError('reload-refused', `${refusal.message} What was served before goes on.`);
    return reply.send({});
  });
}

function indexRow(servable: Servable, frontend: Frontend) {
  const blocker = blockerIn(readiness(frontend, servable));
  const { reload } = servable.model() ?? {};
  return {
    name: servable.facts.modelName,
    version: versionOf(servable, frontend.main),
    state: blocker ? 'UNAVAILABLE' : 'READY',
    // Of a model that is ready: why what is in its files now is not served.
    reason: blocker?.detail ?? reload?.refusal?.message ?? '',
  };
}

/** @throws HttpError "body-malformed" */
function isReadyWanted(body: unknown): boolean {
  const text = Buffer.isBuffer(body) ? body.toString().trim() : '';
  if (text === '') return false;
  try {
    const asked = JSON.parse(text) as { readonly ready?: unknown } | null;
    return asked?.ready === true;
  } catch {
    throw new HttpError(
      'body-malformed',
      'The body must be JSON: {} for all models, {"ready":true} for those that are ready.',
    );
  }
}
