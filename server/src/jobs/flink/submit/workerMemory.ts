import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { callFlink, FlinkRefusal, listIn } from '../cluster/rest.ts';

/** What Node.js, the worker's bundle and ONNX Runtime take, about: a worker of the embedded backend with a small model has
 *  110 MB idle and 190 MB under load (`npm run bench:engine`). */
const emptyWorkerBytes = 150e6;
/** Files of models are read, and most of what is read is kept once more in the form that is computed with. */
const bytesPerModelByte = 2.5;

/** What the process of one worker needs, about, in bytes. */
export function workerBytes(modelBytes: number): number {
  return emptyWorkerBytes + bytesPerModelByte * modelBytes;
}

/** @param files  relative to the folder */
export function modelBytes(folder: string, files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/** What a cluster says of one TaskManager, in bytes. */
export interface TaskManagerMemory {
  readonly id: string;
  readonly freeSlots: number;
  /** Of its machine, or of its container where its Java reports that. */
  readonly physical: number;
  /** What taskmanager.memory.process.size gives to its Java. */
  readonly java: number;
}

export async function readTaskManagerMemory(
  address: HostPort,
  signal?: AbortSignal,
): Promise<readonly TaskManagerMemory[]> {
  try {
    const answer = await callFlink(address, '/taskmanagers', { signal });
    return listIn<Listed>(address, answer, 'taskmanagers').map(({ id, freeSlots, hardware, memoryConfiguration }) => ({
      id,
      freeSlots: freeSlots ?? 0,
      physical: hardware?.physicalMemory ?? 0,
      java: memoryConfiguration?.totalProcessMemory ?? 0,
    }));
  } catch (error) {
    // What a proxy before the cluster withholds is no reason not to start.
    if (error instanceof FlinkRefusal) return [];
    throw error;
  }
}

interface Listed {
  readonly id: string;
  readonly freeSlots?: number;
  readonly hardware?: { readonly physicalMemory?: number };
  readonly memoryConfiguration?: { readonly totalProcessMemory?: number };
}

/** What to say of a TaskManager whose memory is too small for the workers that may come to it; undefined: it is not.
 *  @param workers  of the job, each of which needs `bytes` */
export function shortOfMemory(
  taskManagers: readonly TaskManagerMemory[],
  workers: number,
  bytes: number,
): string | undefined {
  for (const { id, freeSlots, physical, java } of taskManagers) {
    const count = Math.min(workers, freeSlots);
    if (physical <= 0 || java <= 0 || physical - java >= count * bytes) continue;
    return `The TaskManager ${id} has ${megabytes(physical)} of memory, of which its Java takes ${megabytes(java)}. Up to ${count} workers run beside it as processes of their own, of about ${megabytes(bytes)} each: raise the memory of its machine or container, lower taskmanager.memory.process.size, or lower modelParallelism.`;
  }
  return undefined;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
