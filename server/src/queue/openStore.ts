import { connectRedis } from './redis/connectRedis.ts';
import type { RedisAddress } from './redis/redisAddress.ts';
import { createRedisLink, type RedisLink } from './redis/redisLink.ts';
import { createRedisSink } from './redis/redisSink.ts';
import { createRedisSource } from './redis/redisSource.ts';
import { redisStore } from './redis/redisStore.ts';
import { createResultWaiter } from './resultWaiter.ts';
import type { Store, StoreLink } from './store.ts';
import { createSubmitter } from './submitter.ts';

/** Connects to the store of a config or of a job.
 *  @param signal  aborting ends the waiting for a store that does not answer, with an error as of one that hung up
 *  @throws ServingError "redis-…", a code each for refused, timeout, password, TLS, DNS and not-Redis */
export async function openStore(address: RedisAddress, signal?: AbortSignal): Promise<Store> {
  return redisStore(await connectRedis(address, signal));
}

/** The same for programs that go on for long. A connection is made when it is first used. */
export function openStoreLink(address: RedisAddress): StoreLink {
  const link = createRedisLink(address);
  const largeLinks: RedisLink[] = [];
  return {
    run: (use, deadlineMs) => link.run((redis) => use(redisStore(redis)), deadlineMs),
    createSubmitter(jobName, options) {
      const largeLink = createRedisLink(address);
      largeLinks.push(largeLink);
      return createSubmitter(options, createRedisSink({ link, largeLink, jobName }));
    },
    createResultWaiter: (jobName, prefix, options) =>
      createResultWaiter(options, createRedisSource({ link, address, jobName, prefix })),
    close() {
      for (const one of [...largeLinks, link]) one.close();
    },
  };
}
