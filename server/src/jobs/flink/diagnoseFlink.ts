import { ServingError } from '../../../../schemas/errors.ts';
import type { LoadedConfig } from '../../workspace/loadConfig.ts';
import { checkCluster } from './cluster/checkCluster.ts';
import { canStartFlink } from './cluster/localFlink.ts';
import { flinkText } from './cluster/rest.ts';

/** What the cluster of a config says, or what a start would do about one that is not there. @throws ServingError "flink-…" */
export async function diagnoseFlink({ config }: LoadedConfig): Promise<string> {
  const address = config.flinkRestUrl;
  try {
    const { version, slots, freeSlots, taskManagers } = await checkCluster(address, config.modelParallelism);
    return `${flinkText(address)}, version ${version}, ${freeSlots} of ${slots} slots free on ${count(taskManagers)}`;
  } catch (error) {
    if (!(error instanceof ServingError && error.code === 'flink-refused' && canStartFlink(address)))
      throw error;
    return `nothing listens at ${flinkText(address)} yet; "start --start-flink" will start the one in FLINK_HOME`;
  }
}

function count(taskManagers: number): string {
  return taskManagers === 1 ? '1 TaskManager' : `${taskManagers} TaskManagers`;
}

