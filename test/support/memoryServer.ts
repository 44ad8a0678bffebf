import type { Store, StoreServer } from '../../server/src/queue/store.ts';
import { createMemoryRegistry } from './memoryRegistry.ts';

/** A server without faults, whose answers a test changes. Nothing is stored. */
export function createMemoryServer(more: Partial<StoreServer> = {}): StoreServer {
  return {
    readServerFacts: () => Promise.resolve({ version: '7.2.4', mode: 'standalone', isReplica: false }),
    missingRights: () => Promise.resolve([]),
    readMemoryInfo: () => Promise.resolve({ maxBytes: 0, policy: 'noeviction' }),
    readClockAhead: () => Promise.resolve(0),
    setClock: () => Promise.resolve(),
    tryWrite: () => Promise.resolve(),
    readProcess: () => Promise.resolve(undefined),
    pauseWrites: () => Promise.resolve(),
    resumeWrites: () => Promise.resolve(),
    countKeysOfOthers: () => Promise.resolve(0),
    shutDown: () => Promise.resolve(),
    ...more,
  };
}

/** As much of a store as those who check one ask. */
export function createMemoryStore(server: Partial<StoreServer> = {}): Store {
  const store: Pick<Store, 'registry' | 'server' | 'close'> = {
    registry: createMemoryRegistry(),
    server: createMemoryServer(server),
    close: () => undefined,
  };
  return store as Store;
}
