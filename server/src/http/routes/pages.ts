import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { monitorSnapshot } from '../watch/monitorSnapshot.ts';
import { openApi } from './openApi.ts';
import { pageLanguage } from './pageLanguage.ts';
import type { PageLanguage } from '../web/texts.ts';

/** The browser code of the pages, as text. */
export interface PageScripts {
  readonly monitor: string;
  readonly docs: string;
}

/** Pages take everything from here and nothing from elsewhere, so they work without the internet. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

export function pageRoutes(app: FastifyInstance, frontend: Frontend, scripts: PageScripts): void {
  app.get('/openapi.json', () => openApi(frontend));
  app.get('/docs', (_request, reply) =>
    page(reply, 'Cluster Serving: the HTTP interface', '<main id="docs"></main>', '/docs/docs.js'),
  );
  app.get('/docs/docs.js', (_request, reply) => script(reply, scripts.docs));
  app.get('/monitor', ({ headers }, reply) => {
    const language = pageLanguage(headers['accept-language']);
    return page(
      reply.header('vary', 'accept-language').header('content-language', language),
      'Cluster Serving',
      '<h1>Cluster Serving</h1><p id="note" role="status"></p><main id="monitor"></main>',
      '/monitor/monitor.js',
      language,
    );
  });
  app.get('/monitor/monitor.js', (_request, reply) => script(reply, scripts.monitor));
  app.get('/monitor/data', () => monitorSnapshot(frontend));
}

function page(
  reply: FastifyReply,
  title: string,
  body: string,
  scriptPath: string,
  language: PageLanguage = 'en',
): FastifyReply {
  const html = `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width"></head><body>${body}<script src="${scriptPath}"></script></body></html>`;
  return reply.headers(securityHeaders).type('text/html; charset=utf-8').send(html);
}

function script(reply: FastifyReply, code: string): FastifyReply {
  return reply.headers(securityHeaders).type('text/javascript; charset=utf-8').send(code);
}
