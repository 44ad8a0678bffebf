import type { FastifyInstance } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { metricsJson } from '../watch/metrics.ts';
import { prometheusText } from '../watch/prometheus.ts';

const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsRoutes(app: FastifyInstance, frontend: Frontend): void {
  const { metrics } = frontend;
  // The original's list unless a scraper asks: scrapers name text or OpenMetrics, browsers and curl do not.
  app.get('/metrics', (request, reply) => {
    const start = performance.now();
    const wantsText = /\b(text\/plain|application\/openmetrics-text)\b/.test(request.headers.accept ?? '');
    if (wantsText) return reply.type(prometheusType).send(prometheusText(frontend));
    const body = metricsJson(metrics);
    metrics.timers.metrics.add(performance.now() - start);
    return reply.send(body);
  });
  app.get('/metrics/prometheus', (_request, reply) =>
    reply.type(prometheusType).send(prometheusText(frontend)),
  );
}
