import { ServingError } from '../../../../schemas/errors.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import { endStates, listJobs } from './flinkJobs.ts';
import { localFlink, localFlinkPorts, stopLocalFlink } from './cluster/localFlink.ts';

/** What became of a cluster that was started here. */
export interface FlinkShutdown {
  readonly port: number;
  /** The jobs that still run on it, which keep it; empty when it was stopped. */
  readonly keptBy: readonly string[];
}

/** Stops the clusters that were started here and that nothing runs on any more, and no others.
 *  @param port  the REST port of the one to stop; without it all */
export async function shutdownFlink(state: StateFolder, port: number | undefined): Promise<FlinkShutdown[]> {
  const ports = port === undefined ? localFlinkPorts(state) : [port];
  const results: FlinkShutdown[] = [];
  for (const each of ports) {
    if (!localFlink(state, each)) continue;
    const keptBy = await runningJobs(each);
    if (keptBy.length === 0) await stopLocalFlink(state, each);
    results.push({ port: each, keptBy });
  }
  return results;
}

/** A cluster started here that does not answer has lost its JobManager, and with it every job. */
async function runningJobs(port: number): Promise<string[]> {
  try {
    const jobs = await listJobs({ host: 'localhost', port });
    return jobs.filter(({ state }) => !endStates.includes(state)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof ServingError && error.code === 'flink-refused') return [];
    throw error;
  }
}
