import type { QueuedRecord, TunedQueue } from '../../server/src/queue/recordQueue.ts';
import { createKafkaQueue, type KafkaQueueOptions } from '../../server/src/queue/kafka/worker/kafkaQueue.ts';
import type { KafkaAddress } from '../../server/src/queue/kafka/kafkaAddress.ts';
import { eventually } from '../support/redis.ts';
import type { TestKafka } from '../support/kafka.ts';

/** How long what a broker does may take beside other load, in ms. */
export const deadlineMs = 60_000;

export function addressOf(port: number, more: Partial<KafkaAddress> = {}): KafkaAddress {
  return { kind: 'kafka', brokers: [{ host: '127.0.0.1', port }], timeoutMs: 10_000, ...more };
}

export interface LiveQueues {
  /** A queue of a worker, open. */
  open(jobName: string, workerId: string, more?: Partial<KafkaQueueOptions>): Promise<TunedQueue>;
  closeAll(): Promise<void>;
}

export function liveQueues(kafka: () => TestKafka): LiveQueues {
  const queues: TunedQueue[] = [];
  return {
    async open(jobName, workerId, more = {}) {
      const queue = createKafkaQueue({
        address: addressOf(kafka().port),
        jobName,
        workerId,
        claimIdleMs: 6_000,
        partitions: 1,
        readSecret: () => Promise.resolve(undefined),
        onTrouble: () => undefined,
        ...more,
      });
      queues.push(queue);
      await queue.open();
      return queue;
    },
    async closeAll() {
      for (const queue of queues.splice(0)) await queue.close();
    },
  };
}

/** Takes until this many records came. */
export async function takeAll(queue: TunedQueue, count: number): Promise<QueuedRecord[]> {
  const records: QueuedRecord[] = [];
  await eventually(
    `${count} records`,
    async () => {
      records.push(...(await queue.take(count - records.length, 500)));
      return records.length >= count;
    },
    deadlineMs,
  );
  return records;
}

/** A record's message as the original's clients write it. */
export function recordMessage(uri: string, data = uri, partition?: number) {
  return {
    key: uri,
    value: JSON.stringify({ uri, data }),
    ...(partition === undefined ? {} : { partition }),
  };
}
