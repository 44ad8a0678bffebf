import type { Redis } from 'ioredis';
import type { ServingError } from '../../../../schemas/errors.ts';
import { connectRedis } from './connectRedis.ts';
import type { RedisAddress } from './redisAddress.ts';
import { explainCommand, isReplyError } from './redisTrouble.ts';
import { withDeadline } from './withDeadline.ts';

/** One connection that is opened again whenever it is lost, silent or in doubt.
 *  A command that fails so is not repeated here: only its caller knows whether it may be. */
export interface RedisLink {
  /** Runs `use` on a live connection; drops the connection unless `use` settles within `deadlineMs`.
   *  @throws ServingError "redis-…", see redisTrouble.ts: whatever Redis or the connection refused, in a sentence */
  run<T>(use: (redis: Redis) => Promise<T>, deadlineMs?: number): Promise<T>;
  /** Redis's id of the live connection. */
  readonly clientId: number | undefined;
  /** Connections made so far. */
  readonly connections: number;
  close(): void;
}

export function createRedisLink(address: RedisAddress): RedisLink {
  let current: Promise<Redis> | undefined;
  /** Why connections were dropped. */
  const reasons = new WeakMap<Promise<Redis>, ServingError>();
  let connections = 0;
  let clientId: number | undefined;
  let closed = false;

  async function connect(): Promise<Redis> {
    const redis = await connectRedis(address);
    connections += 1;
    clientId = await withDeadline(redis.client('ID'), address.timeoutMs, 'CLIENT ID');
    redis.once('close', drop);
    if (closed) redis.disconnect();
    return redis;
  }

  function drop(): void {
    const dropped = current;
    current = undefined;
    clientId = undefined;
    dropped?.then(
      (redis) => {
        redis.off('close', drop);
        redis.disconnect();
      },
      () => undefined,
    );
  }

  return {
    get clientId() {
      return clientId;
    },
    get connections() {
      return connections;
    },
    async run(use, deadlineMs = address.timeoutMs) {
      current ??= connect();
      const mine = current;
      try {
        const redis = await mine;
        return await withDeadline(use(redis), deadlineMs, 'Redis');
      } catch (error) {
        // An error reply leaves the connection sound, except while Redis loads its data or has changed its role.
        const sound = isReplyError(error) && !/^(LOADING|READONLY|MASTERDOWN|NOAUTH)/.test(error.message);
        const trouble = explainCommand(address, error);
        // Others on the connection that one of them has dropped suffer from the same, not from the drop.
        if (!isReplyError(error) && reasons.has(mine)) throw reasons.get(mine) as ServingError;
        if (!sound && current === mine) {
          reasons.set(mine, trouble);
          drop();
        }
        throw trouble;
      }
    },
    close() {
      closed = true;
      drop();
    },
  };
}
