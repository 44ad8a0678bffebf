import { type StoreAddress, storeText } from '../../queue/storeAddress.ts';
import { knownRedis } from './knownRedis.ts';
import { openStateFolder } from '../machine/stateFolder.ts';
import { pause } from './watchRedis.ts';

export interface WatchKnown {
  readonly configPath: string;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Watches one Redis until aborted. */
  readonly watch: (address: StoreAddress) => Promise<void>;
  /** Why the config does not say where its Redis is; null: it does. */
  readonly onProblem: (error: string | null) => void;
}

/** Watches each known Redis until aborted. While the current config does not say where its Redis is
 *  it is read again and again. */
export async function watchKnownRedis({
  configPath,
  intervalMs,
  signal,
  watch,
  onProblem,
}: WatchKnown): Promise<void> {
  const state = openStateFolder();
  const watched = new Map<string, Promise<void>>();
  let lastSent: string | null | undefined;
  for (;;) {
    const { addresses, problem } = knownRedis(state, configPath);
    const error = problem?.message ?? null;
    if (error !== lastSent) onProblem(error);
    lastSent = error;
    for (const address of addresses) {
      const text = storeText(address);
      if (!watched.has(text)) watched.set(text, watch(address));
    }
    if (error === null || signal.aborted) break;
    await pause(intervalMs, signal);
  }
  await Promise.all(watched.values());
}
