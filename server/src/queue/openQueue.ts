import type { SecretKind, SecretPair } from '../../../schemas/encryption.ts';
import { ServingError } from '../../../schemas/errors.ts';
import type { KafkaAddress } from './kafka/kafkaAddress.ts';
import type { TunedQueue } from './recordQueue.ts';
import type { RedisAddress } from './redis/redisAddress.ts';
import { createRedisQueue, type RedisQueueOptions } from './redisQueue.ts';
import { openStore } from './openStore.ts';
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
  return createKafkaQueue({ ...options, address, readSecret: secretsBeside(address) });
}

/** Secrets are never put into Kafka, whose topics others read: they are where the original has them, in the Redis of redisUrl. */
function secretsBeside({ secretsAt }: KafkaAddress): (kind: SecretKind) => Promise<SecretPair | undefined> {
  return async (kind) => {
    const store = await openStore(redisOf(secretsAt));
    try {
      return await store.secrets.readSecret(kind);
    } finally {
      store.close();
    }
  };
}

function redisOf(address: RedisAddress | undefined): RedisAddress {
  if (address) return address;
  throw new ServingError(
    'not-supported',
    'Secrets are read from the Redis of redisUrl, which is not known here.',
  );
}
