import type { JobEvent, JobReport } from '../../../schemas/jobEvents.ts';

/** What the editor knows of the jobs. Only events change it; views read it. */
export interface JobStore {
  jobs(): readonly JobReport[];
  job(id: string): JobReport | undefined;
  /** Each Redis that cannot be asked, and why. */
  trouble(): ReadonlyMap<string, string>;
  apply(event: JobEvent): void;
  /** Forgets what a Redis held that has been shut down, or everything. */
  forget(redis?: string): void;
  onChange(listener: (change: Change) => void): { dispose(): void };
}

/** `job`: only this job's figures; `list`: jobs came or went, or a Redis did. */
export type Change = { readonly kind: 'job'; readonly id: string } | { readonly kind: 'list' };

/** The same for as long as the job lives, whatever its figures are. */
export function jobId({ redis, jobName }: { readonly redis: string; readonly jobName: string }): string {
  return `${redis}/${jobName}`;
}

export function isUnhealthy({ state }: JobReport): boolean {
  return state === 'failed' || state === 'full';
}

export function createJobStore(): JobStore {
  const jobs = new Map<string, JobReport>();
  const trouble = new Map<string, string>();
  const listeners = new Set<(change: Change) => void>();
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  return {
    jobs: () => [...jobs.values()].sort((a, b) => (jobId(a) < jobId(b) ? -1 : 1)),
    job: (id) => jobs.get(id),
    trouble: () => trouble,
    apply(event) {
      switch (event.event) {
        case 'job': {
          const id = jobId(event.job);
          const before = jobs.get(id);
          jobs.set(id, event.job);
          tell(before ? { kind: 'job', id } : { kind: 'list' });
          return;
        }
        case 'gone':
          if (jobs.delete(jobId(event))) tell({ kind: 'list' });
          return;
        case 'redis': {
          if ((trouble.get(event.redis) ?? null) === event.error) return;
          if (event.error === null) trouble.delete(event.redis);
          else trouble.set(event.redis, event.error);
          tell({ kind: 'list' });
        }
      }
    },
    forget(redis) {
      if (redis === undefined) {
        jobs.clear();
        trouble.clear();
      } else {
        for (const [id, job] of jobs) if (job.redis === redis) jobs.delete(id);
        trouble.delete(redis);
      }
      tell({ kind: 'list' });
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
