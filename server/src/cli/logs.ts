import { createReadStream, existsSync, readFileSync, statSync, watchFile } from 'node:fs';
import { ServingError } from '../../../schemas/errors.ts';
import type { JobReport } from '../../../schemas/jobEvents.ts';
import { reportJobs } from '../jobs/knownRedis.ts';
import { loadConfig } from '../jobs/loadConfig.ts';
import { openStateFolder } from '../jobs/stateFolder.ts';
import { print, type ConfigOption } from './output.ts';

export interface LogsCommand extends ConfigOption {
  readonly follow?: boolean;
  readonly lines: number;
}

const pollMs = 200;

export async function logs(name: string | undefined, options: LogsCommand): Promise<number> {
  const jobName = name ?? loadConfig(options.config).config.jobName;
  const reports = await reportJobs(options.config);
  const jobs = reports.flatMap((report) => report.jobs).filter((job) => job.jobName === jobName);
  const files = logFiles(jobName, jobs);
  const onFlink = jobs.flatMap(({ flinkJobs = [] }) => flinkJobs);
  for (const { taskManagers, url } of onFlink)
    print(
      `"${jobName}" writes to the logs of its TaskManagers (${taskManagers.join(', ') || 'none now'}): ${url}`,
    );
  if (files.length + onFlink.length === 0)
    throw new ServingError('job-unknown', `No log of a job "${jobName}" is known on this machine.`);
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    for (const line of lines.slice(-options.lines)) print(line);
    if (options.follow) follow(file);
  }
  // Following ends with the process; what watches the files keeps it alive.
  return 0;
}

function logFiles(jobName: string, jobs: readonly JobReport[]): string[] {
  const files = jobs.flatMap(({ workers }) => workers.map(({ registration }) => registration.logFile));
  return files
    .concat(openStateFolder().oldLogs(jobName))
    .filter((file, i, all) => all.indexOf(file) === i && existsSync(file))
    .slice(0, Math.max(1, files.length));
}

function follow(file: string): void {
  let shown = statSync(file).size;
  watchFile(file, { interval: pollMs }, ({ size }) => {
    if (size < shown) shown = 0;
    if (size === shown) return;
    createReadStream(file, { start: shown, end: size - 1 }).pipe(process.stdout, { end: false });
    shown = size;
  });
}
