import type { ConnectionOptions } from 'node:tls';
import { Redis, type RedisOptions } from 'ioredis';
import { ServingError, messageOf, type ErrorCode } from '../../../schemas/errors.ts';

/** Where a Redis is and how to speak with it. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: { readonly trustStorePath: string; readonly trustStorePassword: string } | undefined;
  /** How long a connection or a command may take, in ms. */
  readonly timeoutMs: number;
}

export function addressText(address: { host: string; port: number }): string {
  return `${address.host}:${address.port}`;
}

/** Opens one connection that never reconnects by itself: whoever holds it decides what a loss means.
 *  (The client library's own reconnect is known to hang after a lost blocking call.)
 *  @param signal  aborting ends the waiting for a Redis that does not answer, with an error as of one that hung up
 *  @throws ServingError "redis-…" that tells refused, timeout, password, TLS, DNS and not-Redis apart */
export async function connectRedis(address: RedisAddress, signal?: AbortSignal): Promise<Redis> {
  const { tls } = address;
  const options: RedisOptions = {
    host: address.host,
    port: address.port,
    lazyConnect: true,
    protocol: 2,
    connectTimeout: address.timeoutMs,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // The library waits so long for a socket's end that it may have missed already, and would hold up the process.
    disconnectTimeout: 100,
    keepAlive: 10_000,
  };
  if (address.username) options.username = address.username;
  if (address.password) options.password = address.password;
  if (tls) {
    const secure: ConnectionOptions = { servername: address.host };
    options.tls = secure;
    if (tls.trustStorePath) {
      // Loaded only here: parsing certificates is the largest part of this room, and few use it.
      const { readTrustStore } = await import('./trustStore.ts');
      secure.ca = await readTrustStore(tls.trustStorePath, tls.trustStorePassword);
    }
  }
  const redis = new Redis({ ...options, replyMapping: 'legacy' });
  let lastError: unknown;
  redis.on('error', (error: unknown) => {
    lastError = error;
  });
  const abort = () => redis.disconnect();
  signal?.addEventListener('abort', abort);
  try {
    signal?.throwIfAborted();
    await withDeadline(redis.connect(), address.timeoutMs, 'connect');
    await withDeadline(redis.ping(), address.timeoutMs, 'PING');
  } catch (error) {
    redis.disconnect();
    throw explain(address, mostTelling(lastError, error));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return redis;
}

/** A command that Redis does not answer in time. */
class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/** Rejects when the promise has not settled within `ms`; the promise itself goes on and is ignored. */
export async function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  promise.catch(() => undefined);
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(`${what}: no answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error reply of Redis (the connection is fine), as against a lost connection. */
export function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** The first event on the socket says more than the "Connection is closed." that follows from it. */
function mostTelling(event: unknown, thrown: unknown): unknown {
  if (thrown instanceof DeadlineError || isReplyError(thrown)) return thrown;
  return event ?? thrown;
}

function explain(address: RedisAddress, error: unknown): ServingError {
  const where = `Redis at ${addressText(address)}`;
  const text = messageOf(error);
  const of = (code: ErrorCode, message: string) => new ServingError(code, message, { cause: error });
  if (error instanceof ServingError) return error;
  if (error instanceof DeadlineError || systemCode(error) === 'ETIMEDOUT' || text === 'connect ETIMEDOUT')
    return of(
      'redis-timeout',
      `${where} does not answer within ${address.timeoutMs} ms. Check redisUrl and redisTimeout.`,
    );
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return of(
        'redis-refused',
        `${where} refuses the connection: nothing listens there. Check redisUrl, or start a Redis on that port.`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return of('redis-dns', `The host of redisUrl, "${address.host}", is not known.`);
    default:
  }
  if (isReplyError(error)) {
    const reply = error.message;
    if (reply.startsWith('NOAUTH'))
      return of(
        'redis-auth',
        `${where} asks for a password. Set redisPassword, for example to \${env:REDIS_PASSWORD}.`,
      );
    if (/^(WRONGPASS|ERR (AUTH|invalid password|Client sent AUTH))/.test(reply))
      return of(
        'redis-auth',
        `${where} refuses the user name or password: ${reply}. Check redisUsername and redisPassword.`,
      );
    if (reply.startsWith('DENIED'))
      return of(
        'redis-auth',
        `${where} is in protected mode and refuses other machines: ${reply.slice(0, 80)}…`,
      );
    return of('redis-failed', `${where} answered with an error: ${reply}`);
  }
  if (address.tls)
    return of(
      'redis-tls',
      `${where}: the TLS connection failed: ${text}. Check redisSecureTrustStorePath, and that this port speaks TLS.`,
    );
  // Neither an answer of Redis nor a fault of the network: the bytes that came are of another protocol, or none came.
  if (systemCode(error) === undefined || systemCode(error) === 'ECONNRESET')
    return of(
      'redis-not-redis',
      `What listens at ${addressText(address)} does not answer as Redis does (${text}). Check redisUrl; for a Redis with TLS set redisSecureEnabled: true.`,
    );
  return of('redis-failed', `${where}: ${text}`);
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
