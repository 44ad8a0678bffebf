import type { HostPort } from '../../../../schemas/configKey.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { flinkLogName } from '../../../../schemas/flinkJob.ts';
import type { FlinkReport } from '../../../../schemas/jobEvents.ts';
import { flinkAddress } from './flinkStates.ts';
import { callFlink, flinkText, unreachable } from './rest.ts';

/** A log may be long, and Flink gives it as a whole only. */
const logMs = 60_000;

/** The lines that a job has written into the logs of the cluster's TaskManagers, with the traces below them; those of one
 *  TaskManager after those of another.
 *  @throws ServingError "flink-failed" where Flink has no log to give, as it does in many containers */
export async function readJobLog({ flinkRestUrl, jobName }: FlinkReport): Promise<string[]> {
  const address = flinkAddress(flinkRestUrl);
  const { taskmanagers = [] } = (await callFlink(address, '/taskmanagers')) as {
    taskmanagers?: { id: string }[];
  };
  const logs = await Promise.all(taskmanagers.map(({ id }) => readLog(address, id)));
  return logs.flatMap((text) => linesOf(text, jobName));
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
  // The name of another job may go on after ours.
  const logger = new RegExp(`\\s${name}(?: {2,}| *[[\\]:-])`);
  const lines: string[] = [];
  let isOurs = false;
  for (const line of text.trimEnd().split('\n')) {
    if (beginsEntry.test(line)) isOurs = logger.test(line);
    if (isOurs) lines.push(line);
  }
  return lines;
}
