import type { Live, LiveAddress } from '../language/live.ts';

/** In ms: a list is asked for at every key; so long the last answer, or that there was none, is good enough. */
const maxAge = 3_000;
const maxAddresses = 100;

/** Asks running services, one question at a time for each, and only while it is allowed to. */
export function createLive(isAllowed: () => boolean): Live {
  const known = new Map<
    string,
    { readonly at: number; readonly names: Promise<readonly string[] | undefined> }
  >();
  return {
    async queues(address, signal) {
      if (!isAllowed()) return [];
      const id = JSON.stringify(address);
      const last = known.get(id);
      if (last && Date.now() - last.at < maxAge) return last.names;
      if (known.size >= maxAddresses) known.clear();
      const names = ask(address, signal);
      known.set(id, { at: Date.now(), names });
      return names;
    },
  };
}

async function ask(address: LiveAddress, signal: AbortSignal): Promise<readonly string[] | undefined> {
  // Loaded with the first question: most sessions have none.
  const { askQueues } = await import('./askQueues.ts');
  return askQueues(address, signal);
}
