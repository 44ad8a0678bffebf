import type { Redis } from 'ioredis';
import { ServingError } from '../../../../schemas/errors.ts';
import type { RedisAddress } from './redisAddress.ts';
import { addressText, isReplyError } from './redisTrouble.ts';

/** What kind of server answers. */
export interface ServerFacts {
  /** undefined: it does not say. */
  readonly version: string | undefined;
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  readonly isReplica: boolean;
}

/** Asks by HELLO, which every user may send and every kind of server answers; INFO is withheld from most users of a
 *  managed Redis. Changes nothing on the connection. */
export async function readServerFacts(redis: Redis): Promise<ServerFacts> {
  let reply: unknown;
  try {
    reply = await redis.call('HELLO');
  } catch (error) {
    if (!isReplyError(error)) throw error;
    // Before version 6 there is no HELLO, and no reply to INFO is withheld.
    const info = await redis.info('server').catch(() => '');
    return {
      version: /^redis_version:(\S+)/m.exec(info)?.[1],
      mode: /^redis_mode:(sentinel|cluster)/m.exec(info)?.[1] === 'cluster' ? 'cluster' : 'standalone',
      isReplica: false,
    };
  }
  const fields = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  const field = (name: string) => fields[fields.indexOf(name) + 1];
  const mode = field('mode');
  return {
    version: typeof field('version') === 'string' ? String(field('version')) : undefined,
    mode: mode === 'sentinel' || mode === 'cluster' ? mode : 'standalone',
    isReplica: field('role') === 'replica' || field('role') === 'slave',
  };
}

/** Refuses a server that cannot serve. @throws ServingError "redis-sentinel", "redis-cluster", "redis-replica",
 *  "redis-too-old" */
export function requireSuitable(address: RedisAddress, { version, mode, isReplica }: ServerFacts): void {
  const at = addressText(address);
  if (mode === 'sentinel')
    throw new ServingError(
      'redis-sentinel',
      `What answers at ${at} is a Redis Sentinel, which keeps no data. Set redisUrl to the Redis that it watches: redis-cli -h ${address.host} -p ${address.port} sentinel masters`,
    );
  if (mode === 'cluster')
    throw new ServingError(
      'redis-cluster',
      `Redis at ${at} is a node of a Redis Cluster, which spreads the keys of a job and of the registry over nodes. Cluster Serving does not work with that, not even with a jobName in braces. Set redisUrl to a Redis without cluster mode.`,
    );
  if (isReplica)
    throw new ServingError(
      'redis-replica',
      `Redis at ${at} is a replica, which takes no writes. Set redisUrl to its primary.`,
    );
  // Before 6.2 Redis cannot trim by id nor find idle records.
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version !== undefined && (major < 6 || (major === 6 && minor < 2)))
    throw new ServingError('redis-too-old', `This needs Redis 6.2 or newer, and finds ${version} at ${at}.`);
}
