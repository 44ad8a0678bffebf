import { statSync } from 'node:fs';
import { ServingError } from '../../../schemas/errors.ts';
import type { BackendLogs, RemoteLog } from './backend.ts';
import { backendNames, backends } from './backends.ts';
import { loadJobAddress } from './loadJobAddress.ts';
import { followFile } from '../logs/followFile.ts';
import { readLine } from '../logs/logLine.ts';
import { openStateFolder, outputLogOf } from './machine/stateFolder.ts';
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

/** A log on this machine that is read as it grows. */
export interface FollowedLog {
  /** The last lines, from older files too where the current one has fewer; then only what has come since. */
  next(most: number): LogEntry[];
  close(): void;
}

/** A line of a log. */
export interface LogEntry {
  /** As people read it; with the trace of an error below it. */
  readonly text: string;
  /** Absent for a line that belongs to the one above it, or that a library printed. */
  readonly object?: Readonly<Record<string, unknown>>;
}

export function followLog(file: string): FollowedLog {
  const log = followFile(file);
  let isFirst = true;
  return {
    next(most) {
      const lines = log.next();
      if (!isFirst) return lines.map(entryOf);
      isFirst = false;
      return lastOf([...log.before(most - lines.length), ...lines], most).map(entryOf);
    },
    close: () => log.close(),
  };
}

/** With 0 none, of which `slice` would make all. */
function lastOf(lines: readonly string[], most: number): readonly string[] {
  return lines.slice(Math.max(0, lines.length - most));
}

function entryOf(line: string): LogEntry {
  return readLine(withoutTabs(line));
}

/** The last lines of a log on this machine, as people read them. */
export function lastLines(file: string, most: number): string[] {
  const log = followLog(file);
  const entries = log.next(most);
  log.close();
  return entries.flatMap(({ text }) => text.split('\n'));
}

/** What the process of a worker and its libraries have printed, where there is something. */
export function outputOf(file: string): string | undefined {
  const output = outputLogOf(file);
  return (statSync(output, { throwIfNoEntry: false })?.size ?? 0) > 0 ? output : undefined;
}

/** The last lines that each machine elsewhere has logged of the job. One that gives no log is named with the page that may
 *  have it. */
export async function lastRemoteLines({ page, read }: RemoteLog, most: number): Promise<readonly string[]> {
  try {
    return (await read()).flatMap((lines) => lastOf(lines, most).map(withoutTabs));
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return [`${error.message} Its page may show more: ${page}`];
  }
}

/** Traces of Java are indented by tabs, which would show as such. */
export function withoutTabs(line: string): string {
  return line.replaceAll('\t', '    ');
}
