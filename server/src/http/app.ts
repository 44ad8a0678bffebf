import { randomBytes } from 'node:crypto';
import { fastify, type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import type { Logger } from 'pino';
import type { FrontendOptions } from '../../../schemas/programs/frontendOptions.ts';
import { askedOverHttp } from '../../../schemas/redis/redisKeys.ts';
import type { Frontend } from './frontend.ts';
import { checkJsonLimits } from './body/jsonLimits.ts';
import { unpack } from './body/unpack.ts';
import { answerBrokenRequest, answerOddHeaders, replyWithError, sendError } from './plugins/errors.ts';
import { guardAccess } from './plugins/access.ts';
import { guardOrigin } from './plugins/sameOrigin.ts';
import { countAndLog } from './plugins/requestLog.ts';
import { refuseWrongMethods } from './plugins/wrongMethods.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { modelSecureRoute } from './routes/modelSecure.ts';
import { pageRoutes, type PageScripts } from './routes/pages.ts';
import { predictRoute } from './routes/predict.ts';
import { jsonLength, v2Routes } from './routes/v2.ts';
import { v2RepositoryRoutes } from './routes/v2Repository.ts';
import { v2StatisticsRoutes } from './routes/v2Statistics.ts';

export interface AppOptions {
  readonly frontend: Frontend;
  readonly log: Logger;
  /** Takes the lines of the access log. */
  readonly writeLine: (line: string) => void;
  /** The browser code of the pages. */
  readonly scripts: PageScripts;
  /** Key and certificate: the app then speaks HTTPS. */
  readonly https?:
    { readonly pfx: Buffer; readonly passphrase: string } | { readonly key: Buffer; readonly cert: Buffer };
}

/** Ids that clients may give: what a log line and a key of Redis can hold, and the client splits keys at colons. */
const acceptableId = /^[\w.-]{1,128}$/;
/** How often the server looks for requests that take too long to arrive. */
const stallCheckMs = 1_000;

/** Builds the server without listening: `inject` tries it without a port. */
export async function buildApp({
  frontend,
  log,
  writeLine,
  scripts,
  https,
}: AppOptions): Promise<FastifyInstance> {
  const { options } = frontend;
  const nextId = createIds();
  const server: FastifyServerOptions = {
    logger: false,
    bodyLimit: options.maxBodyBytes,
    requestTimeout: options.bodyTimeout,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true },
    requestIdHeader: false,
    genReqId(request) {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && acceptableId.test(given) ? given : nextId();
    },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply, log),
    clientErrorHandler: answerBrokenRequest,
  };
  const stalls = { connectionsCheckingInterval: stallCheckMs, requireHostHeader: false };
  // The two kinds of server differ in type only where no route looks.
  const serverOptions = https ? { ...server, https: { ...https, ...stalls } } : { ...server, http: stalls };
  const app = fastify(serverOptions as FastifyServerOptions);
  // Node takes the longer of the two for the whole request, whichever it is.
  app.server.headersTimeout = Math.min(app.server.headersTimeout, options.bodyTimeout);
  app.decorateRequest('uri', '');
  app.decorateRequest('admitted', false);
  // Whatever a body calls itself, the routes know what they take: the Python client names no type, and curl a form.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer) =>
    readBody(request, body, options),
  );
  replyWithError(app, log);
  answerOddHeaders(app);
  guardAccess(app, frontend);
  guardOrigin(app, frontend);
  countAndLog(app, frontend, writeLine, nextId);
  const routes = () => {
    healthRoutes(app, frontend);
    predictRoute(app, frontend);
    metricsRoutes(app, frontend);
    modelRoutes(app, frontend);
    modelSecureRoute(app, frontend);
    v2Routes(app, frontend);
    v2RepositoryRoutes(app, frontend);
    v2StatisticsRoutes(app, frontend);
    pageRoutes(app, frontend, scripts);
  };
  refuseWrongMethods(app, routes);
  await app.ready();
  return app;
}

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/** The body as a route takes it: unpacked, without a byte order mark, and within the limits of what may be read.
 *  @throws HttpError "body-malformed", "body-too-large" */
async function readBody(
  { headers }: FastifyRequest,
  body: Buffer,
  { maxBodyBytes, maxUnpackRatio, maxInstances }: FrontendOptions,
): Promise<Buffer> {
  const unpacked = await unpack(headers['content-encoding'], body, {
    maxBytes: maxBodyBytes,
    maxRatio: maxUnpackRatio,
  });
  const headerLength = jsonLength(headers);
  // Where a header says how long the JSON is, it counts the mark, too.
  const hasMark = headerLength === undefined && unpacked.subarray(0, 3).equals(byteOrderMark);
  const plain = hasMark ? unpacked.subarray(3) : unpacked;
  await checkJsonLimits(plain.subarray(0, headerLength), maxInstances);
  return plain;
}

/** Ids that no other frontend gives, now or after a restart. */
function createIds(): () => string {
  const prefix = randomBytes(6).toString('base64url').replaceAll('_', 'x').replaceAll('-', 'y');
  let count = 0;
  return () => `${askedOverHttp}${prefix}-${(count++).toString(36)}`;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the records of the request are called in the queue. */
    uri: string;
    /** Counts among those in process. */
    admitted: boolean;
  }
}
