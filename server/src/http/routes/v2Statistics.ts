import type { FastifyInstance } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import type { Servable } from '../setup/servable.ts';
import { modelStatistics } from '../v2/modelStatistics.ts';
import { v2Servable, versionOf } from './v2Servable.ts';

/** The statistics extension of the Open Inference Protocol: of one model, or of all of which something is known. */
export function v2StatisticsRoutes(app: FastifyInstance, frontend: Frontend): void {
  const statisticsOf = (servable: Servable) =>
    modelStatistics(servable.facts.modelName, versionOf(servable, frontend.main), servable.inferences());
  app.get('/v2/models/stats', () => ({
    model_stats: [...frontend.servables, frontend.main]
      .filter((servable) => servable.inferences().length > 0)
      .map(statisticsOf),
  }));
  for (const base of ['/v2/models/:name', '/v2/models/:name/versions/:version'])
    app.get(`${base}/stats`, (request, reply) => {
      const servable = v2Servable(request, frontend);
      if (servable.inferences().length === 0)
        throw new HttpError(
          'not-ready',
          `No worker of the model ${servable.facts.modelName} reports statistics now.`,
          retryAfter,
        );
      return reply.send({ model_stats: [statisticsOf(servable)] });
    });
}
