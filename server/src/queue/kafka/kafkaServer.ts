import { ServingError } from '../../../../schemas/errors.ts';
import type { StoreServer } from '../store.ts';
import type { RegistryLog } from './registry/registryLog.ts';

/** What programs ask of a server, as far as a Kafka has it. It is never started, measured or ended from here. */
export function createKafkaServer(registry: RegistryLog): StoreServer {
  return {
    readServerFacts: () => Promise.resolve({ version: undefined, mode: 'standalone', isReplica: false }),
    // Kafka says which right is missing when something is refused.
    missingRights: () => Promise.resolve([]),
    readMemoryInfo: () => Promise.resolve(undefined),
    async readClockAhead() {
      await registry.refresh();
      return registry.aheadMs;
    },
    async setClock(clock) {
      const askedAt = performance.now();
      await registry.refresh();
      clock.observe(registry.now(), askedAt);
    },
    tryWrite: () => registry.write([{ kind: 'clock', id: '', text: null }]),
    readProcess: () => Promise.resolve(undefined),
    pauseWrites: () => Promise.resolve(),
    resumeWrites: () => Promise.resolve(),
    countKeysOfOthers: () => Promise.resolve(0),
    shutDown: () =>
      Promise.reject(
        new ServingError(
          'not-supported',
          'A Kafka is not ended from here: stop its brokers by their own scripts.',
        ),
      ),
  };
}
