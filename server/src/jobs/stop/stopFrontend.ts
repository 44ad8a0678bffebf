import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { FrontendReport } from '../../../../schemas/jobEvents.ts';
import { openStore } from '../../queue/openStore.ts';
import { type StoreAddress, storeText } from '../../queue/storeAddress.ts';
import { waitUntil } from '../machine/processes.ts';

/** A frontend answers what it has begun, after its `drainDelay`. */
const politeMs = 60_000;

/** Stops an HTTP frontend, on whatever machine, by a word in Redis; it answers what it has begun.
 *  @param name  its URL or its id, as `list` shows them
 *  @throws ServingError "frontend-unknown", "frontend-not-stopping" */
export async function stopFrontend(
  addresses: readonly StoreAddress[],
  name: string,
): Promise<FrontendReport> {
  const errors: string[] = [];
  for (const address of addresses) {
    try {
      const stopped = await stopOn(address, name);
      if (stopped) return stopped;
    } catch (error) {
      if (!(error instanceof ServingError) || error.code === 'frontend-not-stopping') throw error;
      errors.push(messageOf(error));
    }
  }
  throw new ServingError(
    'frontend-unknown',
    [`No HTTP frontend "${name}" is known. "cluster-serving list" shows those that are.`, ...errors].join(
      ' ',
    ),
  );
}

async function stopOn(address: StoreAddress, name: string): Promise<FrontendReport | undefined> {
  const store = await openStore(address);
  const { registry } = store;
  const text = storeText(address);
  try {
    const find = async () =>
      (await registry.readFrontends(text)).find(({ url, frontendId }) => url === name || frontendId === name);
    const found = await find();
    if (!found) return undefined;
    await registry.askFrontendToStop(found.frontendId);
    const isGone = async () =>
      (await registry.readFrontends(text)).every(({ frontendId }) => frontendId !== found.frontendId);
    if (await waitUntil(isGone, politeMs)) return found;
    throw new ServingError(
      'frontend-not-stopping',
      `The HTTP frontend ${found.url} (pid ${found.pid} on ${found.host}) did not stop within ${politeMs / 1000} s.`,
    );
  } finally {
    store.close();
  }
}
