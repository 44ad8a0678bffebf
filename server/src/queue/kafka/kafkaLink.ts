import { createResultWaiter } from '../resultWaiter.ts';
import type { StoreLink } from '../store.ts';
import { storeSentence } from '../storeAddress.ts';
import { DeadlineError, withDeadline } from '../redis/withDeadline.ts';
import { createSubmitter } from '../submitter.ts';
import { resultTopic } from '../../../../schemas/kafka/kafkaTopics.ts';
import { createKafkaSink } from './client/kafkaSink.ts';
import { createKafkaSource } from './client/kafkaSource.ts';
import type { ResultFollower } from './client/resultFollower.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { KafkaTrouble } from './kafkaTrouble.ts';
import type { KafkaStore } from './openKafkaStore.ts';

/** A store whose connection is made when it is first used. What speaks with Kafka is loaded then, and makes lost
 *  connections again by itself. */
export function openKafkaLink(address: KafkaAddress): StoreLink {
  let opening: Promise<KafkaStore> | undefined;
  const followers = new Map<string, Promise<ResultFollower>>();
  let closed = false;

  function connect(): Promise<KafkaStore> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function open(): Promise<KafkaStore> {
    const { openKafkaStore } = await import('./openKafkaStore.ts');
    const store = await openKafkaStore(address);
    if (closed) store.close();
    return store;
  }

  /** One for each topic, for as long as the link lives: what it has not seen is not lost with a connection. */
  function follow(topic: string): Promise<ResultFollower> {
    const known = followers.get(topic);
    if (known) return known;
    const making = Promise.all([import('./client/resultFollower.ts'), connect()]).then(
      ([{ createResultFollower }, { log }]) => createResultFollower(log, topic),
    );
    followers.set(topic, making);
    making.catch(() => followers.delete(topic));
    return making;
  }

  return {
    async run(use, deadlineMs) {
      const store = await connect();
      if (deadlineMs === undefined) return use(store);
      try {
        return await withDeadline(use(store), deadlineMs, 'Kafka');
      } catch (error) {
        if (!(error instanceof DeadlineError)) throw error;
        throw new KafkaTrouble('kafka-timeout', `${storeSentence(address)} has not answered in time.`);
      }
    },
    createSubmitter(jobName, options) {
      return createSubmitter(
        options,
        createKafkaSink({
          connect: async () => {
            const { log, registryLog } = await connect();
            return { log, now: () => registryLog.now() };
          },
          followed: async () => (await follow(resultTopic(jobName))).open(),
          jobName,
        }),
      );
    },
    // The keys of results in Redis are the topic's name, a colon and the record's.
    createResultWaiter: (_jobName, prefix, options) =>
      createResultWaiter(
        options,
        createKafkaSource(() => follow(prefix.replace(/:$/, ''))),
      ),
    close() {
      closed = true;
      opening?.then(
        (store) => store.close(),
        () => undefined,
      );
    },
  };
}
