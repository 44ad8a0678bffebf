import { ServingError, type ErrorCode } from '../../../schemas/errors.ts';
import { isReplyError } from '../queue/redis/redisTrouble.ts';

/** What the frontend itself refuses or cannot do, with its status. */
export const httpProblems = {
  'body-malformed': 400,
  unauthorized: 401,
  'origin-refused': 403,
  'route-unknown': 404,
  'model-unknown': 404,
  'method-not-allowed': 405,
  'request-too-slow': 408,
  'reload-refused': 409,
  'body-too-large': 413,
  'expectation-failed': 417,
  limited: 429,
  'headers-too-large': 431,
  unanswerable: 500,
  unexpected: 500,
  busy: 503,
  'not-ready': 503,
  'deadline-exceeded': 504,
} as const satisfies Record<string, number>;

export type HttpProblem = keyof typeof httpProblems;

/** A request that is not answered as asked. The message says what, where and what to do. */
export class HttpError extends Error {
  readonly code: HttpProblem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpProblem, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.code = code;
    this.headers = headers;
  }
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly code?: string };
  /** Set for bugs: they are logged with their stack. */
  readonly isBug: boolean;
}

/** Seconds after which a request that was refused for want of something is worth repeating. */
export const retryAfter = { 'retry-after': '1' };

/** The one mapping from what was thrown to what the client gets. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof HttpError) {
    const { code, message, headers } = error;
    // The original's clients know this body as it is.
    const body = code === 'limited' ? { error: message } : { error: message, code };
    return { status: httpProblems[code], headers, body, isBug: false };
  }
  if (error instanceof ServingError) {
    const status = servingStatus(error.code);
    const headers = status === 503 ? retryAfter : {};
    return {
      status,
      headers,
      body: { error: error.message, code: error.code },
      isBug: error.code === 'unexpected',
    };
  }
  // A refusal of Redis is never a fault of the frontend, whatever way it came.
  if (isReplyError(error)) return errorReply(new ServingError('redis-failed', 'Redis refused a command.'));
  return frameworkReply(error);
}

/** What is wrong with what the client sent. */
const recordFaults: readonly ErrorCode[] = ['record-undecodable', 'record-undecryptable', 'input-mismatch'];

function servingStatus(code: ErrorCode): number {
  if (recordFaults.includes(code)) return 400;
  if (code === 'redis-too-large' || code === 'kafka-too-large') return 413;
  return /^(?:redis|kafka)-/.test(code) ? 503 : 500;
}

/** What Fastify refuses before a route is reached, by its codes. */
function frameworkReply(error: unknown): ErrorReply {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const refuse = (problem: HttpProblem, message: string): ErrorReply => ({
    ...errorReply(new HttpError(problem, message)),
  });
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse('body-too-large', 'The body is larger than --maxBodyBytes allows.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return refuse('body-malformed', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refuse('body-malformed', 'The address or the Content-Type of the request is malformed.');
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return refuse('body-malformed', 'The body ended early.');
    default: {
      const reply = errorReply(
        new HttpError('unexpected', 'Something unexpected went wrong; the log of the frontend has more.'),
      );
      return { ...reply, isBug: true };
    }
  }
}
