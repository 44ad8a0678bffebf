import { openKafkaLink } from './kafka/kafkaLink.ts';
import { connectRedis } from './redis/connectRedis.ts';
import type { RedisAddress } from './redis/redisAddress.ts';
import { createRedisLink, type RedisLink } from './redis/redisLink.ts';
import { createRedisSink } from './redis/redisSink.ts';
import { createRedisSource } from './redis/redisSource.ts';
import { redisStore } from './redis/redisStore.ts';
import { createResultWaiter } from './resultWaiter.ts';
import type { Store, StoreLink } from './store.ts';
import type { StoreAddress } from './storeAddress.ts';
import { createSubmitter } from './submitter.ts';

/** Connects to the store of a config or of a job. What speaks with Kafka is loaded only where a job uses it.
 *  @param signal  aborting ends the waiting for a store that does not answer, with an error as of one that hung up
 *  @throws ServingError "redis-…" or "kafka-…", a code each for refused, timeout, password, TLS, DNS and what is neither */
export async function openStore(address: StoreAddress, signal?: AbortSignal): Promise<Store> {
  if (address.kind === undefined) return redisStore(await connectRedis(address, signal));
  const { openKafkaStore } = await import('./kafka/openKafkaStore.ts');
  return openKafkaStore(address, signal);
}

/** The same for programs that go on for long. A connection is made when it is first used. */
export function openStoreLink(address: StoreAddress): StoreLink {
  return address.kind === undefined ? openRedisLink(address) : openKafkaLink(address);
}

function openRedisLink(address: RedisAddress): StoreLink {
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
