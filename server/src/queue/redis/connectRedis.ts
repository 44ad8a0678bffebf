import type { ConnectionOptions } from 'node:tls';
import { Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './redisAddress.ts';
import { explainConnecting, isDenied, isReplyError } from './redisTrouble.ts';
import { DeadlineError, withDeadline } from './withDeadline.ts';

/** Opens one connection that never reconnects by itself: its owner decides what a loss means.
 *  (The client library's own reconnect is known to hang after a lost blocking call.)
 *  @param signal  aborting ends the waiting for a Redis that does not answer, with an error as of one that hung up
 *  @throws ServingError "redis-…", a code each for refused, timeout, password, TLS, DNS and not-Redis */
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
    // The library would wait for the end of a socket that it may have missed already, and keep the process alive.
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
    // A user who may not even send that has signed in to a Redis all the same.
    await withDeadline(redis.ping(), address.timeoutMs, 'PING').catch((error: unknown) => {
      if (!isDenied(error)) throw error;
    });
  } catch (error) {
    redis.disconnect();
    throw explainConnecting(address, mostTelling(lastError, error));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return redis;
}

/** The first event on the socket says more than the "Connection is closed." that follows from it. */
function mostTelling(event: unknown, thrown: unknown): unknown {
  if (thrown instanceof DeadlineError || isReplyError(thrown)) return thrown;
  return event ?? thrown;
}
