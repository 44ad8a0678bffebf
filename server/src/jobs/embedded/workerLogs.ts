import type { JobReport } from '../../../../schemas/jobEvents.ts';
import type { StateFolder } from '../machine/stateFolder.ts';

/** The log files of a job's workers, or the newest of those that have ended. Of the files that workers name in Redis, only
 *  those in the state folder count. */
export function workerLogs(state: StateFolder, jobName: string, jobs: readonly JobReport[]): string[] {
  const files = jobs
    .flatMap(({ workers }) => workers.map(({ registration }) => registration.logFile))
    .filter((file) => state.isLog(file));
  return files
    .concat(state.oldLogs(jobName).filter((file) => state.isLog(file)))
    .filter((file, i, all) => all.indexOf(file) === i)
    .slice(0, Math.max(1, files.length));
}
