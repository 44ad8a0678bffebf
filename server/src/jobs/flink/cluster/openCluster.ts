import { ServingError } from '../../../../../schemas/errors.ts';
import type { Starting, StartOptions } from '../../start/starting.ts';
import { isThisMachine } from '../../machine/redisServer.ts';
import { checkCluster, requireSlots, requireVersion } from './checkCluster.ts';
import { readOverview, type ClusterOverview } from './cluster.ts';
import { canStartFlink, startLocalFlink, stopLocalFlink } from './localFlink.ts';

export interface OpenedCluster {
  /** It was started for this job. */
  readonly started: boolean;
}

/** Finds the cluster of a config, or starts one on this machine where that is wanted, and sees that it can take the job.
 *  @throws ServingError "flink-…" */
export async function openCluster(
  { state, loaded: { config }, flink, onStep, onWarning, signal }: StartOptions,
  parallelism: number,
  undo: Starting['undo'],
): Promise<OpenedCluster> {
  const address = config.flinkRestUrl;
  onStep('cluster');
  if (isThisMachine(config.redisUrl.host) && !isThisMachine(address.host))
    onWarning(
      `redisUrl: the TaskManagers of ${address.host} look for Redis on their own machines when it is ${config.redisUrl.host}; name this machine as they see it.`,
    );
  let overview: ClusterOverview;
  try {
    overview = await readOverview(address, signal);
  } catch (error) {
    if (!(error instanceof ServingError) || error.code !== 'flink-refused' || signal.aborted) throw error;
    if (!isThisMachine(address.host) || !(await flink.mayStartCluster(canStartFlink(address)))) throw error;
    onStep('start-flink');
    await startLocalFlink(state, address, parallelism, signal);
    undo.push(() => stopLocalFlink(state, address.port));
    await checkCluster(address, parallelism, signal);
    return { started: true };
  }
  // Whose jar it is knows what it needs.
  if (flink.jar === undefined) requireVersion(address, overview);
  requireSlots(address, overview, parallelism);
  return { started: false };
}
