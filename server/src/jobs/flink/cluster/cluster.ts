import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import type { FlinkProcessor } from '../../../../../schemas/flinkJob.ts';
import { callFlink, FlinkRefusal, notFlink } from './rest.ts';

/** What a cluster says of itself. */
export interface ClusterOverview {
  readonly version: string;
  readonly taskManagers: number;
  readonly slots: number;
  readonly freeSlots: number;
}

/** @throws ServingError "flink-refused" or "flink-not-flink" */
export async function readOverview(address: HostPort, signal?: AbortSignal): Promise<ClusterOverview> {
  const answer = (await callFlink(address, '/overview', { signal })) as Record<string, unknown>;
  const version = answer['flink-version'];
  if (typeof version !== 'string') throw notFlink(address);
  return {
    version,
    taskManagers: Number(answer.taskmanagers),
    slots: Number(answer['slots-total']),
    freeSlots: Number(answer['slots-available']),
  };
}

/** The processor of the machines of a cluster, as its JobManager says it of itself; a TaskManager with another one says so when
 *  it starts a worker. */
export async function readProcessor(address: HostPort, signal?: AbortSignal): Promise<FlinkProcessor> {
  try {
    const { jvm } = (await callFlink(address, '/jobmanager/environment', { signal })) as { jvm?: { arch?: string } };
    return jvm?.arch === 'aarch64' ? 'arm64' : 'x64';
  } catch (error) {
    if (error instanceof FlinkRefusal) return 'x64';
    throw error;
  }
}
