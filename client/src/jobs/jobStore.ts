import type { FrontendReport, JobEvent, JobReport } from '../../../schemas/jobEvents.ts';
import { flowOf, sightOf, withSight, type Flow, type Sight } from './flow.ts';

/** What the editor knows of the jobs. Only events change it; views read it. */
export interface JobStore {
  jobs(): readonly JobReport[];
  job(id: string): JobReport | undefined;
  /** How the job's queue moves. */
  flow(id: string): Flow | undefined;
  /** The HTTP frontends of all machines. */
  frontends(): readonly FrontendReport[];
  /** Each Redis that cannot be asked, and each config that does not say where its Redis is, and why. One where nothing listens and no job is known is not among them: it is
   *  started with the first job. */
  trouble(): ReadonlyMap<string, string>;
  /** When the jobs of a Redis were last seen, in ms since 1970; undefined while they are watched. */
  asOf(redis: string): number | undefined;
  apply(event: JobEvent): void;
  /** The watch has stopped or begins again. What it reported stays, until the next one has seen it or missed it.
   *  @param at  in ms since 1970 */
  unwatched(at: number): void;
  /** Forgets what a Redis held that has been shut down, or everything. */
  forget(redis?: string): void;
  onChange(listener: (change: Change) => void): { dispose(): void };
  /** While `work` goes on, the jobs are shown in this state, whatever is known of them: the next look comes later than the
   *  click. */
  during<T>(ids: readonly string[], state: Announced, work: () => PromiseLike<T>): Promise<T>;
  /** The state in which a job is shown while it is being started or stopped from here. */
  announced(id: string): Announced | undefined;
}

export type Announced = 'starting' | 'stopping';

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
  const sights = new Map<string, readonly Sight[]>();
  const frontends = new Map<string, readonly FrontendReport[]>();
  const trouble = new Map<string, { readonly error: string; readonly code?: string }>();
  const announced = new Map<string, Announced>();
  /** Each Redis that the watch has asked and that answers. */
  const watched = new Set<string>();
  const seenAt = new Map<string, number>();
  /** Known from before the watch began; it has not reported them. */
  const unconfirmed = new Set<string>();
  const listeners = new Set<(change: Change) => void>();
  const notify = (change: Change) => {
    for (const listener of listeners) listener(change);
  };

  /** @returns whether it was known */
  function drop(id: string): boolean {
    unconfirmed.delete(id);
    sights.delete(id);
    return jobs.delete(id);
  }

  /** The first answer of a Redis comes after all its jobs: one that is not among them has gone while nothing was watched.
   *  @returns whether something else is known now */
  function noteWatched({ redis, error, at }: Extract<JobEvent, { readonly event: 'redis' }>): boolean {
    if (error !== null) {
      if (!watched.delete(redis)) return false;
      seenAt.set(redis, at);
      return true;
    }
    for (const id of unconfirmed) if (jobs.get(id)?.redis === redis) drop(id);
    if (watched.has(redis)) return false;
    watched.add(redis);
    return true;
  }

  return {
    jobs: () => [...jobs.values()].sort((a, b) => (jobId(a) < jobId(b) ? -1 : 1)),
    job: (id) => jobs.get(id),
    flow(id) {
      const job = jobs.get(id);
      return job && flowOf(job, sights.get(id) ?? []);
    },
    frontends: () => [...frontends.values()].flat(),
    trouble() {
      const known = new Set([...jobs.values()].map(({ redis }) => redis));
      const shown = [...trouble].filter(([redis, { code }]) => known.has(redis) || code !== 'redis-refused');
      return new Map(shown.map(([redis, { error }]) => [redis, error]));
    },
    asOf: (redis) => (watched.has(redis) ? undefined : seenAt.get(redis)),
    unwatched(at) {
      for (const redis of watched) seenAt.set(redis, at);
      watched.clear();
      for (const id of jobs.keys()) unconfirmed.add(id);
      notify({ kind: 'list' });
    },
    apply(event) {
      switch (event.event) {
        case 'job': {
          const id = jobId(event.job);
          seenAt.set(event.job.redis, event.at);
          unconfirmed.delete(id);
          const before = jobs.get(id);
          jobs.set(id, event.job);
          sights.set(id, withSight(sights.get(id) ?? [], sightOf(event.job, event.at)));
          notify(before ? { kind: 'job', id } : { kind: 'list' });
          return;
        }
        case 'gone':
          if (drop(jobId(event))) notify({ kind: 'list' });
          return;
        case 'frontends':
          frontends.set(event.redis, event.frontends);
          notify({ kind: 'list' });
          return;
        case 'config': {
          const { configPath, error } = event;
          if ((trouble.get(configPath)?.error ?? null) === error) return;
          if (error === null) trouble.delete(configPath);
          else trouble.set(configPath, { error, code: 'config-invalid' });
          notify({ kind: 'list' });
          return;
        }
        case 'redis': {
          const { redis, error, code } = event;
          const hasChanged = noteWatched(event);
          if ((trouble.get(redis)?.error ?? null) === error) {
            if (hasChanged) notify({ kind: 'list' });
            return;
          }
          if (error === null) trouble.delete(redis);
          else trouble.set(redis, { error, ...(code === undefined ? {} : { code }) });
          notify({ kind: 'list' });
        }
      }
    },
    forget(redis) {
      if (redis === undefined) {
        jobs.clear();
        sights.clear();
        frontends.clear();
        trouble.clear();
      } else {
        for (const [id, job] of jobs) if (job.redis === redis) jobs.delete(id);
        frontends.delete(redis);
        trouble.delete(redis);
      }
      notify({ kind: 'list' });
    },
    announced: (id) => announced.get(id),
    async during(ids, state, work) {
      for (const id of ids) announced.set(id, state);
      notify({ kind: 'list' });
      try {
        return await work();
      } finally {
        for (const id of ids) announced.delete(id);
        notify({ kind: 'list' });
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
