import { ServingError, messageOf, type ErrorCode } from '../../../../schemas/errors.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import { openStoreLink } from '../../queue/openStore.ts';
import type { Store } from '../../queue/store.ts';

interface Named {
  readonly jobName: string;
}

export interface WatchOptions {
  readonly address: StoreAddress;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

export interface Watched<T extends Named> {
  /** Everything that is there now. */
  readonly read: (store: Store) => Promise<readonly T[]>;
  /** Adds what others than Redis know of them; outside of the time that Redis is given. */
  readonly complete?: (items: readonly T[]) => Promise<readonly T[]>;
  /** What of an item counts as a change, where not all of it does. */
  readonly changesOf?: (item: T) => string;
  /** One that is new, or is no longer as it was. */
  readonly onChange: (item: T) => void;
  readonly onGone: (jobName: string) => void;
  /** Redis cannot be asked, or null: it can again. */
  readonly onTrouble: (error: string | null, code?: ErrorCode) => void;
}

const maxBackOffMs = 30_000;

/** Polls a Redis and reports what has changed, until aborted. While Redis is away it asks less and less
 *  often. */
export async function watchRedis<T extends Named>(
  { address, intervalMs, signal }: WatchOptions,
  { read, complete, changesOf = JSON.stringify, onChange, onGone, onTrouble }: Watched<T>,
): Promise<void> {
  const link = openStoreLink(address);
  const known = new Map<string, string>();
  let error: string | null | undefined;
  let waitMs = intervalMs;
  while (!signal.aborted) {
    try {
      const items = await link.run(read);
      report(complete ? await complete(items) : items);
      waitMs = intervalMs;
      if (error !== null) onTrouble(null);
      error = null;
    } catch (thrown) {
      const message = messageOf(thrown);
      if (error !== message) onTrouble(message, thrown instanceof ServingError ? thrown.code : undefined);
      error = message;
      waitMs = Math.min(maxBackOffMs, waitMs * 2);
    }
    await pause(waitMs, signal);
  }
  link.close();

  function report(items: readonly T[]): void {
    for (const item of items) {
      const text = changesOf(item);
      if (known.get(item.jobName) === text) continue;
      known.set(item.jobName, text);
      onChange(item);
    }
    for (const jobName of known.keys()) {
      if (items.some((item) => item.jobName === jobName)) continue;
      known.delete(jobName);
      onGone(jobName);
    }
  }
}

/** Until this time has passed, or it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
