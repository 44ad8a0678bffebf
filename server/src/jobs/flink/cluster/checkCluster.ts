import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { ServingError } from '../../../../../schemas/errors.ts';
import { readOverview, type ClusterOverview } from './cluster.ts';
import { flinkText } from './rest.ts';

/** The line of Flink that the job is built for and tested on: the interfaces of sources and sinks change between lines. */
const neededVersion = '1.20';

/** Sees that a cluster can take a job. @throws ServingError "flink-refused", "flink-not-flink", "flink-version" or
 *  "flink-slots" */
export async function checkCluster(
  address: HostPort,
  parallelism: number,
  signal?: AbortSignal,
): Promise<ClusterOverview> {
  const overview = await readOverview(address, signal);
  requireVersion(address, overview);
  requireSlots(address, overview, parallelism);
  return overview;
}

export function requireVersion(address: HostPort, { version }: ClusterOverview): void {
  if (version === neededVersion || version.startsWith(`${neededVersion}.`)) return;
  throw new ServingError(
    'flink-version',
    `The cluster at ${flinkText(address)} runs Flink ${version}; the job is built for ${neededVersion}. Let flinkRestUrl name a cluster of Flink ${neededVersion}.`,
  );
}

export function requireSlots(
  address: HostPort,
  { taskManagers, slots, freeSlots }: ClusterOverview,
  parallelism: number,
): void {
  if (freeSlots >= parallelism) return;
  throw new ServingError(
    'flink-slots',
    `The cluster at ${flinkText(address)} has ${freeSlots} free slots (of ${slots} on ${taskManagers} TaskManagers); modelParallelism needs ${parallelism}. Stop another job, add TaskManagers, or lower modelParallelism.`,
  );
}
