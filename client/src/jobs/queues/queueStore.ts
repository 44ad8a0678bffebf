import type { QueueEvent, QueueReport } from '../../../../schemas/redis/queueReports.ts';
import { jobId } from '../jobStore.ts';

/** What the editor knows of the queues. Only events change it; the view reads it. */
export interface QueueStore {
  queues(): readonly QueueReport[];
  queue(id: string): QueueReport | undefined;
  /** Why a Redis cannot be asked, by host:port. */
  trouble(): ReadonlyMap<string, string>;
  /** For each config that does not say where its Redis is, the reason. */
  problems(): readonly string[];
  apply(event: QueueEvent): void;
  /** Forgets everything: what is still there is reported again. */
  forget(): void;
  /** @param listener  called with the id of the queue whose figures have changed, or undefined: queues came or went */
  onChange(listener: (id: string | undefined) => void): { dispose(): void };
}

export function createQueueStore(): QueueStore {
  const queues = new Map<string, QueueReport>();
  const trouble = new Map<string, string>();
  const problems = new Map<string, string>();
  const listeners = new Set<(id: string | undefined) => void>();
  const notify = (id: string | undefined) => {
    for (const listener of listeners) listener(id);
  };
  return {
    queues: () => [...queues.values()].sort((a, b) => (jobId(a) < jobId(b) ? -1 : 1)),
    queue: (id) => queues.get(id),
    trouble: () => trouble,
    problems: () => [...problems.values()],
    apply(event) {
      switch (event.event) {
        case 'queue': {
          const id = jobId(event.queue);
          const isNew = !queues.has(id);
          queues.set(id, event.queue);
          notify(isNew ? undefined : id);
          return;
        }
        case 'queues': {
          const gone = [...queues].filter(
            ([, { redis, jobName }]) => redis === event.redis && !event.jobNames.includes(jobName),
          );
          for (const [id] of gone) queues.delete(id);
          if (gone.length > 0) notify(undefined);
          return;
        }
        case 'gone':
          if (queues.delete(jobId(event))) notify(undefined);
          return;
        case 'config': {
          const { configPath, error } = event;
          if ((problems.get(configPath) ?? null) === error) return;
          if (error === null) problems.delete(configPath);
          else problems.set(configPath, error);
          notify(undefined);
          return;
        }
        case 'redis': {
          if ((trouble.get(event.redis) ?? null) === event.error) return;
          if (event.error === null) trouble.delete(event.redis);
          else trouble.set(event.redis, event.error);
          notify(undefined);
        }
      }
    },
    forget() {
      queues.clear();
      trouble.clear();
      problems.clear();
      notify(undefined);
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
