import { setTimeout as pause } from 'node:timers/promises';
import { ServingError } from '../../../../schemas/errors.ts';
import type { JobReport } from '../../../../schemas/jobEvents.ts';
import { openStore } from '../../queue/openStore.ts';
import { type StoreAddress, storeText } from '../../queue/storeAddress.ts';
import { isGone } from '../backends.ts';

export interface DrainOptions {
  readonly signal: AbortSignal;
  /** Called with how many records are left, whenever that has changed. */
  readonly onLeft: (records: number) => void;
}

const intervalMs = 250;

/** Waits until nothing waits in the queues of the jobs that `isWanted` chooses. Clients may go on putting records in.
 *  @throws ServingError "job-failed" if a job dies with records left, or the waiting is aborted */
export async function drainJobs(
  address: StoreAddress,
  isWanted: (jobName: string) => boolean,
  { signal, onLeft }: DrainOptions,
): Promise<void> {
  const store = await openStore(address, signal);
  let lastSent = -1;
  try {
    for (;;) {
      const reports = await store.registry.readJobReports(storeText(address), isGone);
      const jobs = reports.filter(({ jobName }) => isWanted(jobName));
      const left = jobs.reduce((sum, job) => sum + leftOf(job), 0);
      if (left === 0) return;
      if (left !== lastSent) onLeft(left);
      lastSent = left;
      const dead = jobs.find((job) => job.state === 'failed' && leftOf(job) > 0);
      if (dead)
        throw new ServingError(
          'job-failed',
          `"${dead.jobName}" has died, and ${leftOf(dead)} records wait in its queue. Start it again, or stop it without --drain.`,
        );
      const locked = jobs.find((job) => job.state === 'waiting-for-secret' && leftOf(job) > 0);
      if (locked)
        throw new ServingError(
          'job-failed',
          `"${locked.jobName}" waits for the secret of its model, and ${leftOf(locked)} records wait in its queue. Set the secret, or stop it without --drain.`,
        );
      await pause(intervalMs, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted)
      throw new ServingError('job-failed', 'The waiting was cancelled; nothing was stopped.', {
        cause: error,
      });
    throw error;
  } finally {
    store.close();
  }
}

function leftOf({ queue }: JobReport): number {
  return queue.waiting + queue.pending;
}
