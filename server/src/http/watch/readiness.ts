import { maxClockSkewMs } from '../../../../schemas/redisKeys.ts';
import { skewText } from '../../queue/redis/redisClock.ts';
import type { JobWatch } from './jobWatch.ts';

export interface Check {
  readonly name: 'redis' | 'model' | 'progress' | 'frontend' | 'clock';
  readonly ok: boolean;
  readonly detail: string;
  /** How old what it says is. */
  readonly ageMs: number;
}

/** A worker that has work and answers nothing for this long is stuck. */
const stuckAfterMs = 30_000;

/** Whether a job can be asked: Redis answers, a worker has run its model, and the queue moves or is empty.
 *  @param isUnregistered  the job's workers do not register: only Redis can be checked */
export function checkJob(watch: JobWatch, jobName: string, isUnregistered: boolean): readonly Check[] {
  const now = performance.now();
  const ageMs = now - watch.readAt;
  const redis: Check = {
    name: 'redis',
    ok: watch.trouble === undefined && watch.refusal === undefined,
    detail: watch.trouble ?? watch.refusal ?? 'Redis answers.',
    ageMs: watch.readAt === 0 ? 0 : ageMs,
  };
  const clocks = clockChecks(watch, jobName, ageMs);
  if (isUnregistered) return [redis, ...clocks];
  const { waiting = 0, pending = 0 } = watch.figures(jobName) ?? {};
  const stillMs = now - watch.progressAt(jobName);
  const stuck = stillMs > stuckAfterMs;
  return [
    redis,
    { name: 'model', ...modelState(watch, jobName), ageMs },
    {
      name: 'progress',
      ok: !stuck,
      detail: stuck
        ? `${waiting + pending} records wait and none was answered for ${Math.round(stillMs / 1000)} s.`
        : `${waiting + pending} records wait.`,
      ageMs,
    },
    ...clocks,
  ];
}

/** Clocks that differ from Redis's. They are no reason to be unready: deadlines go by Redis's clock. */
function clockChecks(watch: JobWatch, jobName: string, ageMs: number): readonly Check[] {
  const workers = watch.job(jobName)?.workers ?? [];
  const clocks: readonly (readonly [string, number])[] = [
    ['The clock of this machine', watch.clockAheadMs],
    ...workers.map(({ registration, heartbeat }): readonly [string, number] => [
      `The clock of the worker on ${registration.host}`,
      heartbeat?.clockAheadMs ?? 0,
    ]),
  ];
  return clocks
    .filter(([, aheadMs]) => Math.abs(aheadMs) > maxClockSkewMs)
    .map(([whose, aheadMs]) => ({
      name: 'clock',
      ok: true,
      detail: `${whose} is ${skewText(aheadMs)}; deadlines go by Redis's clock.`,
      ageMs,
    }));
}

function modelState(watch: JobWatch, jobName: string): { ok: boolean; detail: string } {
  const job = watch.job(jobName);
  const of = (ok: boolean, detail: string) => ({ ok, detail });
  if (!job)
    return of(
      false,
      `No worker serves the job ${jobName}. Start it, or set --unregisteredWorkers for a job of the original.`,
    );
  switch (job.state) {
    case 'running':
      return of(true, `The job ${jobName} is running.`);
    case 'starting':
      return of(false, `The job ${jobName} is loading its model.`);
    case 'waiting-for-secret':
      return of(false, job.needs?.message ?? `The job ${jobName} waits for the secret of its model.`);
    case 'full':
      return of(false, 'Redis has reached its maxmemory.');
    case 'stopping':
      return of(false, `The job ${jobName} is stopping.`);
    case 'failed':
      return of(false, job.failure ?? `The job ${jobName} has failed.`);
    case 'stopped':
      return of(false, `The job ${jobName} is stopped.`);
  }
}
