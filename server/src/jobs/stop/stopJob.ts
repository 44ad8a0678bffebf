import { ServingError } from '../../../../schemas/errors.ts';
import type { FlinkJobRecord, Registration } from '../../../../schemas/jobEvents.ts';
import { openStore } from '../../queue/openStore.ts';
import { storeText, type StoreAddress } from '../../queue/storeAddress.ts';
import type { Store } from '../../queue/store.ts';
import type { StoppedJobs } from '../backend.ts';
import { backendNames, backends } from '../backends.ts';
import { storeOf, type FlinkStateRecord, type JobRecord, type StateFolder } from '../machine/stateFolder.ts';

/** Stops the jobs that `wanted` chooses by their names: workers on this machine by a signal, on others by a word in
 *  Redis, jobs on Flink through their cluster; each answers its records in flight. Nothing to stop is no error.
 *  @throws ServingError "job-not-stopping" if a worker goes on that is not a process of this machine */
export async function stopJobs(
  state: StateFolder,
  address: StoreAddress,
  wanted: (jobName: string) => boolean,
): Promise<StoppedJobs> {
  let store: Store | undefined;
  try {
    store = await openStore(address);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    // Redis is away: what was started from this machine can be stopped all the same.
  }
  const isHere = (job: JobRecord | FlinkStateRecord) => storeOf(job) === storeText(address);
  try {
    const found = new Map<string, Registration>();
    for (const job of state.jobs().filter(isHere)) found.set(job.workerId, job);
    // What this machine has on record of its own workers outweighs what anyone may write into Redis.
    const known = new Set(state.jobs().map(({ workerId }) => workerId));
    for (const worker of (await store?.registry.readRegistrations()) ?? [])
      if (!known.has(worker.workerId)) found.set(worker.workerId, worker);
    const onFlink = new Map<string, FlinkJobRecord>();
    for (const job of [
      ...state.flinkJobs().filter(isHere),
      ...((await store?.registry.readFlinkJobs()) ?? []),
    ])
      onFlink.set(job.jobId, job);

    const registrations = [...found.values()].filter(({ jobName }) => wanted(jobName));
    const flinkJobs = [...onFlink.values()].filter(({ jobName }) => wanted(jobName));
    const stopped = await Promise.all(
      backendNames.map((name) => {
        const workers = registrations.filter(({ backend }) => backend === name);
        return backends[name].stop({ state, store, workers, flinkJobs });
      }),
    );
    return {
      workers: stopped.flatMap((each) => each.workers),
      flinkJobs: stopped.flatMap((each) => each.flinkJobs),
    };
  } finally {
    store?.close();
  }
}
