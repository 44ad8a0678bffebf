import type { HostPort } from '../../../../schemas/configKey.ts';
import { callFlink, notFlink } from './rest.ts';

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
