import type { QueueReport } from '../../schemas/redis/queueReports.ts';

/** A quiet queue of one worker, changed as a test wants it. */
export function aQueue(changes: Partial<QueueReport> = {}): QueueReport {
  return {
    jobName: 'digits',
    redis: 'localhost:6379',
    waiting: 0,
    pending: 0,
    dead: 0,
    oldestAgeMs: 0,
    length: 0,
    outPerSecond: 0,
    groups: [
      {
        name: 'serving',
        pending: 0,
        behind: 0,
        consumerCount: 1,
        consumers: [{ name: 'cs-w1', worker: '7@here', pending: 0, idleMs: 100 }],
      },
    ],
    ...changes,
  };
}
