import { closeSync, openSync, readFileSync, readSync, statSync, watchFile } from 'node:fs';
import { ServingError } from '../../../schemas/errors.ts';
import type { FlinkReport, JobReport } from '../../../schemas/jobEvents.ts';
import { readJobLog } from '../jobs/flink/readJobLog.ts';
import { reportJobs } from '../jobs/watch/knownRedis.ts';
import { loadJobAddress } from '../jobs/loadJobAddress.ts';
import { openStateFolder, type StateFolder } from '../jobs/machine/stateFolder.ts';
import { onOutputClosed } from '../program/closedOutput.ts';
import { print, type ConfigOption } from './output.ts';

export interface LogsCommand extends ConfigOption {
  readonly follow?: boolean;
  readonly files?: boolean;
  readonly lines: number;
}

const pollMs = 200;
const flinkPollMs = 2_000;

export async function logs(name: string | undefined, options: LogsCommand): Promise<number> {
  // Nothing is left to be done for a reader who has gone.
  if (options.follow) onOutputClosed(() => process.exit(0));
  const jobName = name ?? loadJobAddress(options.config).jobName;
  const reports = await reportJobs(options.config);
  const jobs = reports.flatMap((report) => report.jobs).filter((job) => job.jobName === jobName);
  const state = openStateFolder();
  const files = logFiles(state, jobName, jobs);
  if (options.files && files.length > 0) {
    print(files);
    return 0;
  }
  const onFlink = jobs.flatMap(({ flinkJobs = [] }) => flinkJobs);
  if (files.length + (options.files ? 0 : onFlink.length) === 0)
    throw new ServingError('job-unknown', `No log of a job "${jobName}" is known on this machine.`);
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    print(lines.slice(-options.lines).map(withoutTabs));
    if (options.follow) follow(file);
  }
  const clusters = oneOfEachCluster(onFlink).map((job) => ({ job, read: readJobLog(job) }));
  for (const { job, read } of clusters) await showFlinkLog(job, read, options.lines);
  if (options.follow) await Promise.all(clusters.map(({ read }) => followFlinkLog(read)));
  // Following ends with the process; what watches the files keeps it alive.
  return 0;
}

/** All jobs of a name write under that name. */
function oneOfEachCluster(jobs: readonly FlinkReport[]): readonly FlinkReport[] {
  return [...new Map(jobs.map((job) => [job.flinkRestUrl, job])).values()];
}

type ReadLog = ReturnType<typeof readJobLog>;

/** What the TaskManagers have logged of the job. A cluster that gives no log is named with the page that may have it. */
async function showFlinkLog(job: FlinkReport, read: ReadLog, most: number): Promise<void> {
  try {
    for (const lines of await read()) print(lines.slice(-most).map(withoutTabs));
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    print(`${error.message} Its page may show more: ${job.url}`);
  }
}

async function followFlinkLog(read: ReadLog): Promise<never> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, flinkPollMs));
    try {
      print((await read()).flat().map(withoutTabs));
    } catch (error) {
      // A cluster that is away for a while is asked again.
      if (!(error instanceof ServingError)) throw error;
    }
  }
}

/** Of the files that workers name in Redis, only those in our folder are read. */
function logFiles(state: StateFolder, jobName: string, jobs: readonly JobReport[]): string[] {
  const files = jobs
    .flatMap(({ workers }) => workers.map(({ registration }) => registration.logFile))
    .filter((file) => state.isLog(file));
  return files
    .concat(state.oldLogs(jobName).filter((file) => state.isLog(file)))
    .filter((file, i, all) => all.indexOf(file) === i)
    .slice(0, Math.max(1, files.length));
}

function follow(file: string): void {
  let shown = statSync(file).size;
  watchFile(file, { interval: pollMs }, ({ size }) => {
    if (size < shown) shown = 0;
    if (size === shown) return;
    const text = readBetween(file, shown, size);
    // A line that is still being written is shown when it is whole.
    const whole = text.subarray(0, text.lastIndexOf('\n') + 1);
    if (whole.length > 0) print(whole.toString().trimEnd().split('\n').map(withoutTabs));
    shown += whole.length;
  });
}

function readBetween(file: string, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
  } finally {
    closeSync(descriptor);
  }
}

/** Traces of Java are indented by tabs, which would show as such. */
function withoutTabs(line: string): string {
  return line.replaceAll('\t', '    ');
}
