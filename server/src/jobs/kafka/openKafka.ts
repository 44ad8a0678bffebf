import { openStore } from '../../queue/openStore.ts';
import type { KafkaAddress } from '../../queue/kafka/kafkaAddress.ts';
import type { Store } from '../../queue/store.ts';
import type { Starting, StartOptions } from '../start/starting.ts';

/** Connects to the Kafka of a config. One that is not there is never started from here.
 *  @param claim  leaves a mark in the registry before anything is begun @throws ServingError "kafka-…" */
export async function openKafka(
  address: KafkaAddress,
  { signal }: Pick<StartOptions, 'signal'>,
  undo: Starting['undo'],
  claim: (store: Store) => Promise<void>,
): Promise<{ readonly store: Store; readonly isStarted: false }> {
  const store = await openStore(address, signal);
  undo.push(() => {
    store.close();
    return Promise.resolve();
  });
  await claim(store);
  return { store, isStarted: false };
}
