import type { Redis } from 'ioredis';
import { answeredChannel } from '../../../schemas/redisKeys.ts';
import { connectRedis, type RedisAddress } from './connectRedis.ts';
import { withDeadline } from './withDeadline.ts';

/** Hears of the results that the workers of a job write. */
export interface Answers {
  /** Begins anew on a new connection: for when messages should have come and have not. */
  reconnect(): void;
  close(): void;
}

const firstRetryMs = 100;
const lastRetryMs = 2_000;

/** Subscribes to a job's channel, on a connection of its own, and again whenever that is lost.
 *  @param onAnswered  called with the lines of each message, two for each result, see `answeredChannel` */
export function listenToAnswers(
  address: RedisAddress,
  jobName: string,
  onAnswered: (lines: readonly string[]) => void,
): Answers {
  let current: Redis | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = firstRetryMs;
  let closed = false;

  async function connect(): Promise<void> {
    try {
      const redis = await connectRedis(address);
      current = redis;
      redis.on('message', (_channel: string, text: string) => onAnswered(text.split('\n')));
      redis.once('close', again);
      await withDeadline(redis.subscribe(answeredChannel(jobName)), address.timeoutMs, 'SUBSCRIBE');
      retryMs = firstRetryMs;
      if (closed) redis.disconnect();
    } catch {
      // Whoever waits for a result polls meanwhile, and its commands tell of the trouble.
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
