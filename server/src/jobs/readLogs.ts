import { readFileSync } from 'node:fs';
import { ServingError } from '../../../schemas/errors.ts';
import type { FlinkReport, JobReport } from '../../../schemas/jobEvents.ts';
import { readJobLog } from './flink/readJobLog.ts';
import { loadJobAddress } from './loadJobAddress.ts';
import { openStateFolder, type StateFolder } from './machine/stateFolder.ts';
import { reportJobs } from './watch/knownRedis.ts';

/** Where the logs of a job are. */
export interface JobLogs {
  readonly jobName: string;
  /** On this machine, in the state folder. */
  readonly files: readonly string[];
  /** One for each cluster that runs it, as all jobs of a name log under that name. */
  readonly clusters: readonly FlinkLog[];
}

export interface FlinkLog {
  readonly job: FlinkReport;
  /** As `readJobLog` makes it. */
  readonly read: () => Promise<readonly string[][]>;
}

/** Finds the logs of a job's workers, and of those that ran last where none is running.
 *  @param name  else the job of the config
 *  @param fromFlink  whether Flink's logs count
 *  @throws ServingError "job-unknown" if there is none, "config-…" */
export async function findLogs(
  configPath: string,
  name: string | undefined,
  fromFlink = true,
): Promise<JobLogs> {
  const jobName = name ?? loadJobAddress(configPath).jobName;
  const reports = await reportJobs(configPath);
  const jobs = reports.flatMap((report) => report.jobs).filter((job) => job.jobName === jobName);
  const files = logFiles(openStateFolder(), jobName, jobs);
  const onFlink = fromFlink ? jobs.flatMap(({ flinkJobs = [] }) => flinkJobs) : [];
  if (files.length + onFlink.length === 0)
    throw new ServingError('job-unknown', `No log of a job "${jobName}" is known on this machine.`);
  const clusters = new Map(onFlink.map((job) => [job.flinkRestUrl, job]));
  return { jobName, files, clusters: [...clusters.values()].map((job) => ({ job, read: readJobLog(job) })) };
}

/** Of the files that workers name in Redis, only those in the state folder are read. */
function logFiles(state: StateFolder, jobName: string, jobs: readonly JobReport[]): string[] {
  const files = jobs
    .flatMap(({ workers }) => workers.map(({ registration }) => registration.logFile))
    .filter((file) => state.isLog(file));
  return files
    .concat(state.oldLogs(jobName).filter((file) => state.isLog(file)))
    .filter((file, i, all) => all.indexOf(file) === i)
    .slice(0, Math.max(1, files.length));
}

/** The last lines of a log on this machine. */
export function lastLines(file: string, most: number): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-most).map(withoutTabs);
}

/** The last lines that each TaskManager has logged of the job. A cluster that gives no log is named with the page that may
 *  have it. */
export async function lastFlinkLines({ job, read }: FlinkLog, most: number): Promise<readonly string[]> {
  try {
    return (await read()).flatMap((lines) => lines.slice(-most).map(withoutTabs));
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return [`${error.message} Its page may show more: ${job.url}`];
  }
}

/** Traces of Java are indented by tabs, which would show as such. */
export function withoutTabs(line: string): string {
  return line.replaceAll('\t', '    ');
}
