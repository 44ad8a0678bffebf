import type { Redis } from 'ioredis';
import { answeredChannel } from '../../../schemas/redis/redisKeys.ts';
import { connectRedis } from './redis/connectRedis.ts';
import type { RedisAddress } from './redis/redisAddress.ts';
import { withDeadline } from './redis/withDeadline.ts';
import { payloadOf, type Payload } from './payload.ts';

/** Hears of the results that the workers of a job write. */
export interface Answers {
  /** Starts again on a new connection: for when messages should have come and have not. */
  reconnect(): void;
  close(): void;
}

/** A result that a worker has written. */
export interface Published {
  readonly uri: string;
  /** undefined where it has to be fetched. */
  readonly value: Payload | undefined;
}

const firstRetryMs = 100;
const lastRetryMs = 2_000;

/** Subscribes to a job's channel, on a connection of its own, and again whenever that is lost.
 *  @param onAnswered  called with the results of each message, see `answeredChannel` */
export function listenToAnswers(
  address: RedisAddress,
  jobName: string,
  onAnswered: (results: readonly Published[]) => void,
): Answers {
  let current: Redis | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = firstRetryMs;
  let closed = false;

  async function connect(): Promise<void> {
    try {
      const redis = await connectRedis(address);
      current = redis;
      redis.on('messageBuffer', (_channel: Buffer, message: Buffer) => onAnswered(readMessage(message)));
      redis.once('close', again);
      await withDeadline(redis.subscribe(answeredChannel(jobName)), address.timeoutMs, 'SUBSCRIBE');
      retryMs = firstRetryMs;
      if (closed) redis.disconnect();
    } catch {
      // Waits poll meanwhile, and their commands report the trouble.
      if (current) current.disconnect();
      else again();
    }
  }

  function again(): void {
    current = undefined;
    if (closed) return;
    timer = setTimeout(() => void connect(), retryMs);
    retryMs = Math.min(lastRetryMs, retryMs * 2);
  }

  void connect();
  return {
    reconnect: () => current?.disconnect(),
    close() {
      closed = true;
      clearTimeout(timer);
      current?.disconnect();
    },
  };
}

const lineFeed = 10;

/** What cannot be understood is left out: the wait for it fetches it. */
export function readMessage(message: Buffer): readonly Published[] {
  const results: Published[] = [];
  let at = 0;
  while (at < message.length) {
    const uriEnd = message.indexOf(lineFeed, at);
    const lengthEnd = message.indexOf(lineFeed, uriEnd + 1);
    if (uriEnd < 0 || lengthEnd < 0) break;
    const length = Number(message.toString('latin1', uriEnd + 1, lengthEnd));
    const end = lengthEnd + 1 + length;
    if (!Number.isSafeInteger(length) || length < 0 || end > message.length) break;
    results.push({
      uri: message.toString('utf8', at, uriEnd),
      value: length === 0 ? undefined : payloadOf(message.subarray(lengthEnd + 1, end)),
    });
    at = end;
  }
  return results;
}
