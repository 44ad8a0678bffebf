import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Frontend } from '../frontend.ts';
import { monitorSnapshot } from '../watch/monitorSnapshot.ts';
import { openApi } from './openApi.ts';
import { pageLanguage } from './pageLanguage.ts';
import { tryModels } from './tryModels.ts';

/** The pages, and where each has its browser code. What they show comes from other addresses, which want the key. */
export const pagePaths = {
  try: { page: '/', script: '/try/try.js', title: 'Cluster Serving: Try it' },
  monitor: { page: '/monitor', script: '/monitor/monitor.js', title: 'Cluster Serving: Monitor' },
  docs: { page: '/docs', script: '/docs/docs.js', title: 'Cluster Serving: HTTP interface' },
} as const;

export type PageName = keyof typeof pagePaths;

/** The browser code of the pages, as text. */
export type PageScripts = Readonly<Record<PageName, string>>;

const welcome = 'welcome to BigDL web serving frontend';

/** Pages take everything from here and nothing from elsewhere, so they work without the internet. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

export function pageRoutes(app: FastifyInstance, frontend: Frontend, scripts: PageScripts): void {
  // The original's welcome, except for people.
  app.get('/', (request, reply) =>
    isBrowser(request)
      ? page(request, reply.header('vary', 'accept, accept-language'), 'try')
      : reply.type('text/plain; charset=utf-8').send(welcome),
  );
  for (const name of ['monitor', 'docs'] as const)
    app.get(pagePaths[name].page, (request, reply) =>
      page(request, reply.header('vary', 'accept-language'), name),
    );
  for (const [name, { script }] of Object.entries(pagePaths))
    app.get(script, (_request, reply) =>
      reply
        .headers(securityHeaders)
        .type('text/javascript; charset=utf-8')
        .send(scripts[name as PageName]),
    );
  app.get('/try/data', () => tryModels(frontend));
  app.get('/monitor/data', () => monitorSnapshot(frontend));
  app.get('/openapi.json', () => openApi(frontend));
}

/** Browsers name HTML among what they take; programs take anything, or name what they want. */
function isBrowser({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '')
    .split(',')
    .some((part) => /^\s*text\/html\s*(;|$)/i.test(part) && !/;\s*q=0(\.0*)?\s*(;|$)/i.test(part));
}

function page({ headers }: FastifyRequest, reply: FastifyReply, name: PageName): FastifyReply {
  const language = pageLanguage(headers['accept-language']);
  const { title, script } = pagePaths[name];
  const html = `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1"></head><body><script src="${script}"></script></body></html>`;
  return reply
    .headers({ ...securityHeaders, 'content-language': language })
    .type('text/html; charset=utf-8')
    .send(html);
}
