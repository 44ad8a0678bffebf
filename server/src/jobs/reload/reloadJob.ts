import { ServingError } from '../../../../schemas/errors.ts';
import type { ReloadWish } from '../../../../schemas/jobEvents.ts';
import { openStore } from '../../queue/openStore.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import { reloadWorkers, type WorkerReload } from '../../queue/registry/reloadWorkers.ts';
import { isGone } from '../backends.ts';
import { loadJobAddress } from '../loadJobAddress.ts';
import { openStateFolder } from '../machine/stateFolder.ts';
import { knownRedis } from '../watch/knownRedis.ts';

export interface ReloadChoice {
  readonly config: string;
  /** By default the job of the config. */
  readonly name: string | undefined;
  readonly wish: ReloadWish;
}

export interface Reloaded {
  readonly jobName: string;
  readonly workers: readonly WorkerReload[];
}

/** Lets the workers of a running job serve what its config and its files say now, go one step back, or begin or end a rollout.
 *  @throws ServingError "job-unknown" where no worker of it runs, "not-supported" on Flink, "reload-unanswered", "job-failed",
 *    "config-…", "redis-…" */
export async function reloadJob({ config, name, wish }: ReloadChoice): Promise<Reloaded> {
  const { jobName, addresses } = placesOf(config, name);
  const workers: WorkerReload[] = [];
  for (const address of addresses) {
    const store = await openStore(address);
    try {
      workers.push(...(await reloadWorkers((use) => use(store.registry), { jobName, wish, isGone })));
    } finally {
      store.close();
    }
  }
  if (workers.length === 0)
    throw new ServingError('job-unknown', `No worker of the job "${jobName}" runs. Start it.`);
  return { jobName, workers };
}

function placesOf(
  config: string,
  name: string | undefined,
): { readonly jobName: string; readonly addresses: readonly StoreAddress[] } {
  if (name === undefined) {
    const { jobName, store } = loadJobAddress(config);
    return { jobName, addresses: [store] };
  }
  const { addresses, problem } = knownRedis(openStateFolder(), config);
  if (addresses.length === 0 && problem) throw problem;
  return { jobName: name, addresses };
}
