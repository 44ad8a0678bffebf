import type { FlinkJobRecord, JobReport, Registration } from '../../schemas/jobEvents.ts';
import type { Registry } from '../../server/src/queue/store.ts';

/** A registry in memory, for what starts and stops decide by it. */
export interface MemoryRegistry extends Registry {
  readonly workers: Map<string, Registration>;
  readonly flinkJobs: Map<string, FlinkJobRecord>;
  /** The workers that send heartbeats. */
  readonly living: Set<string>;
  /** Those that were asked to stop, or to reload. */
  readonly asked: string[];
  /** The text of the lock on each job's start. */
  readonly locks: Map<string, string>;
}

export interface MemoryRegistryOptions {
  /** Called with what was asked to stop. */
  readonly onAsked?: (workerId: string, registry: MemoryRegistry) => void;
}

export function createMemoryRegistry({ onAsked }: MemoryRegistryOptions = {}): MemoryRegistry {
  const workers = new Map<string, Registration>();
  const flinkJobs = new Map<string, FlinkJobRecord>();
  const living = new Set<string>();
  const asked: string[] = [];
  const locks = new Map<string, string>();
  let tokens = 0;

  function reportOf(jobName: string): JobReport {
    const own = [...workers.values()].filter((one) => one.jobName === jobName);
    return {
      ...{ jobName, redis: 'memory', backend: own[0]?.backend ?? 'embedded', state: 'starting' },
      workers: own.map((registration) => ({ registration })),
      queue: { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 },
    };
  }

  const registry: MemoryRegistry = {
    workers,
    flinkJobs,
    living,
    asked,
    locks,
    readRegistrations: () => Promise.resolve([...workers.values()]),
    unregister(workerId) {
      workers.delete(workerId);
      living.delete(workerId);
      return Promise.resolve();
    },
    askToStop(workerId) {
      asked.push(workerId);
      onAsked?.(workerId, registry);
      return Promise.resolve();
    },
    askToReload(workerId, { by }, id) {
      asked.push(`${by} ${workerId} ${id}`);
      return Promise.resolve();
    },
    readReload: () => Promise.resolve(undefined),
    readLiving: (some) => Promise.resolve(some.filter(({ workerId }) => living.has(workerId))),
    isServing: ({ workerId }) => Promise.resolve(living.has(workerId)),
    readBrokenEntries: () => Promise.resolve([]),
    saveFlinkJob(record) {
      flinkJobs.set(record.jobId, record);
      return Promise.resolve();
    },
    readFlinkJobs: () => Promise.resolve([...flinkJobs.values()]),
    forgetFlinkJob(jobId) {
      flinkJobs.delete(jobId);
      return Promise.resolve();
    },
    beatFrontend: () => Promise.resolve(false),
    forgetFrontend: () => Promise.resolve(),
    readFrontends: () => Promise.resolve([]),
    askFrontendToStop: () => Promise.resolve(),
    readJobReports: () =>
      Promise.resolve([...new Set([...workers.values()].map(({ jobName }) => jobName))].map(reportOf)),
    readModel: () => Promise.resolve(undefined),
    takeStartLock(jobName, starter) {
      const holder = locks.get(jobName);
      if (holder !== undefined) return Promise.resolve({ heldBy: holder });
      const text = JSON.stringify({ ...starter, token: ++tokens });
      locks.set(jobName, text);
      return Promise.resolve({
        get isHeld() {
          return locks.get(jobName) === text;
        },
        release: () => registry.breakStartLock(jobName, text),
      });
    },
    breakStartLock(jobName, heldBy) {
      if (locks.get(jobName) === heldBy) locks.delete(jobName);
      return Promise.resolve();
    },
  };
  return registry;
}
