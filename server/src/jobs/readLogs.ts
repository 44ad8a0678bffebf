import { readFileSync } from 'node:fs';
import { ServingError } from '../../../schemas/errors.ts';
import type { BackendLogs, RemoteLog } from './backend.ts';
import { backendNames, backends } from './backends.ts';
import { loadJobAddress } from './loadJobAddress.ts';
import { openStateFolder } from './machine/stateFolder.ts';
import { reportJobs } from './watch/knownRedis.ts';

/** Where the logs of a job are. */
export interface JobLogs extends BackendLogs {
  readonly jobName: string;
}

/** Finds the logs of a job's workers, and of those that ran last where none is running.
 *  @param name  else the job of the config
 *  @param remoteToo  whether logs count that are not on this machine
 *  @throws ServingError "job-unknown" if there is none, "config-…" */
export async function findLogs(
  configPath: string,
  name: string | undefined,
  remoteToo = true,
): Promise<JobLogs> {
  const jobName = name ?? loadJobAddress(configPath).jobName;
  const reports = await reportJobs(configPath);
  const jobs = reports.flatMap((report) => report.jobs).filter((job) => job.jobName === jobName);
  const state = openStateFolder();
  const found = backendNames.map((backend) => backends[backend].logs(jobName, jobs, state));
  const files = found.flatMap((logs) => logs.files);
  const remote = remoteToo ? found.flatMap((logs) => logs.remote) : [];
  if (files.length + remote.length === 0)
    throw new ServingError('job-unknown', `No log of a job "${jobName}" is known on this machine.`);
  return { jobName, files, remote };
}

/** The last lines of a log on this machine. */
export function lastLines(file: string, most: number): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-most).map(withoutTabs);
}

/** The last lines that each machine elsewhere has logged of the job. One that gives no log is named with the page that may
 *  have it. */
export async function lastRemoteLines({ page, read }: RemoteLog, most: number): Promise<readonly string[]> {
  try {
    return (await read()).flatMap((lines) => lines.slice(-most).map(withoutTabs));
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return [`${error.message} Its page may show more: ${page}`];
  }
}

/** Traces of Java are indented by tabs, which would show as such. */
export function withoutTabs(line: string): string {
  return line.replaceAll('\t', '    ');
}
