import type { TunedQueue } from './recordQueue.ts';
import { createRedisQueue, type RedisQueueOptions } from './redis/redisQueue.ts';
import type { StoreAddress } from './storeAddress.ts';

export interface QueueOptions extends Omit<RedisQueueOptions, 'address'> {
  readonly address: StoreAddress;
  /** How many partitions a topic of records gets that is not there yet. */
  readonly partitions: number;
  /** Called with what a person is to know of and nothing can be done about. */
  readonly onLoss: (sentence: string) => void;
}

/** The queue of a worker, in the store of its job. What speaks with Kafka is loaded only where a job uses it. */
export async function createQueue(options: QueueOptions): Promise<TunedQueue> {
  const { address } = options;
  if (address.kind === undefined) return createRedisQueue({ ...options, address });
  const { createKafkaQueue } = await import('./kafka/worker/kafkaQueue.ts');
  const { secretsInRedis } = await import('./kafka/secretsInRedis.ts');
  const secrets = secretsInRedis(address.secretsAt);
  return createKafkaQueue({ ...options, address, readSecret: (kind) => secrets.readSecret(kind) });
}
