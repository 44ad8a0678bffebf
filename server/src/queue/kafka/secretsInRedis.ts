import type { Redis } from 'ioredis';
import { connectRedis } from '../redis/connectRedis.ts';
import type { RedisAddress } from '../redis/redisAddress.ts';
import { readSecret, writeSecret } from '../secrets.ts';
import type { SecretStore } from '../store.ts';

/** The secrets of encrypted models and records: with Kafka, too, they are in the Redis of redisUrl, as the original has it.
 *  @param address  undefined where it is not known: then there are none */
export function secretsInRedis(address: RedisAddress | undefined): SecretStore {
  async function use<T>(work: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    if (!address) return undefined;
    const redis = await connectRedis(address);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }
  return {
    readSecret: (kind) => use((redis) => readSecret(redis, kind)),
    writeSecret: async (kind, pair) => {
      await use((redis) => writeSecret(redis, kind, pair));
    },
  };
}
