import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { flinkLogName } from '../../../../schemas/flinkJob.ts';
import type { FlinkReport, JobReport } from '../../../../schemas/jobEvents.ts';
import type { RemoteLog } from '../backend.ts';
import { flinkAddress } from './cluster/flinkStates.ts';
import { callFlink, flinkText, listIn, unreachable } from './cluster/rest.ts';

/** A log may be long, and Flink gives it as a whole only. */
const logMs = 60_000;

/** One log for each cluster that runs a job, as all jobs of a name log under that name. */
export function jobLogs(jobs: readonly JobReport[]): RemoteLog[] {
  const clusters = new Map(jobs.flatMap(({ flinkJobs = [] }) => flinkJobs).map((job) => [job.flinkRestUrl, job]));
  return [...clusters.values()].map((job) => ({
    place: job.flinkRestUrl,
    page: job.url,
    read: readJobLog(job),
  }));
}

/** Makes a function that gives, for each of the cluster's TaskManagers, the lines that a job has logged there since it was
 *  called last, with the traces below them; the first time all of them.
 *  It throws ServingError "flink-failed" where Flink has no log to give, as it does in many containers. */
function readJobLog({ flinkRestUrl, jobName }: FlinkReport): () => Promise<readonly string[][]> {
  const address = flinkAddress(flinkRestUrl);
  const given = new Map<string, number>();
  return async () => {
    const answer = await callFlink(address, '/taskmanagers');
    const taskmanagers = listIn<{ id: string }>(address, answer, 'taskmanagers');
    // Flink gives logs as a whole only.
    const logs = await Promise.all(taskmanagers.map(({ id }) => readLog(address, id)));
    return logs.map((text, i) => {
      const lines = linesOf(text, jobName);
      const id = taskmanagers[i]?.id ?? '';
      const before = given.get(id) ?? 0;
      given.set(id, lines.length);
      // A log that was rotated begins again.
      return lines.slice(lines.length < before ? 0 : before);
    });
  };
}

async function readLog(address: HostPort, taskManager: string): Promise<string> {
  const path = `/taskmanagers/${encodeURIComponent(taskManager)}/log`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`http://${flinkText(address)}${path}`, { signal: AbortSignal.timeout(logMs) });
    text = await response.text();
  } catch (error) {
    throw unreachable(address, error, logMs);
  }
  if (response.ok) return text;
  throw new ServingError(
    'flink-failed',
    `Flink at ${flinkText(address)} gives no log of ${taskManager}; it may write to the console only.`,
  );
}

const beginsEntry = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/;

/** The entries of one job's logger; lines without a time belong to the entry above them. */
export function linesOf(text: string, jobName: string): string[] {
  const name = flinkLogName(jobName).replace(/\W/g, '\\$&');
  // The name of another job may begin with this one's.
  const logger = new RegExp(`\\s${name}(?: {2,}| *[[\\]:-])`);
  const lines: string[] = [];
  let isOurs = false;
  for (const line of text.trimEnd().split('\n')) {
    if (beginsEntry.test(line)) isOurs = logger.test(line);
    if (isOurs) lines.push(line);
  }
  return lines;
}
