import { ServingError } from '../../../../schemas/errors.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import type { StoppedJobs } from '../backend.ts';
import { loadJobAddress } from '../loadJobAddress.ts';
import { openStateFolder } from '../machine/stateFolder.ts';
import { stopJobs } from './stopJob.ts';
import { knownRedis } from '../watch/knownRedis.ts';

/** Which jobs are to be stopped: those of a name, all, or else the job of the config. */
export interface StopChoice {
  readonly config: string;
  readonly name: string | undefined;
  readonly all?: boolean;
  /** Called before the jobs of a store are stopped. */
  readonly before?: (address: StoreAddress, isWanted: (jobName: string) => boolean) => Promise<void>;
}

export interface Stopped extends StoppedJobs {
  /** Absent where all were meant. */
  readonly jobName?: string;
}

/** Stops jobs wherever they are known to run.
 *  @throws ServingError "job-unknown" for a name that no job has, "config-…", "job-not-stopping" */
export async function stopChosen({ config, name, all, before }: StopChoice): Promise<Stopped> {
  const state = openStateFolder();
  const stopped: StoppedJobs[] = [];
  const end = async (address: StoreAddress, isWanted: (jobName: string) => boolean) => {
    await before?.(address, isWanted);
    stopped.push(await stopJobs(state, address, isWanted));
  };
  let jobName = name;
  if (all || name !== undefined) {
    const { addresses, problem } = knownRedis(state, config);
    for (const address of addresses) await end(address, (each) => all === true || each === name);
    // The job may be in a Redis that the config does not name.
    if (problem && stopped.every(isEmpty)) throw problem;
  } else {
    const { jobName: own, store } = loadJobAddress(config);
    jobName = own;
    await end(store, (each) => each === own);
  }
  // An unknown name in a script is a mistake; a config whose job does not run is fine.
  if (name !== undefined && stopped.every(isEmpty))
    throw new ServingError(
      'job-unknown',
      `No job "${name}" is known. "cluster-serving list" shows those that are.`,
    );
  return {
    workers: stopped.flatMap(({ workers }) => workers),
    flinkJobs: stopped.flatMap(({ flinkJobs }) => flinkJobs),
    ...(jobName === undefined ? {} : { jobName }),
  };
}

function isEmpty({ workers, flinkJobs }: StoppedJobs): boolean {
  return workers.length + flinkJobs.length === 0;
}
