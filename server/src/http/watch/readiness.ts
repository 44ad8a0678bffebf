import { maxClockSkewMs } from '../../../../schemas/redis/redisKeys.ts';
import { skewText } from '../../queue/redis/redisClock.ts';
import type { JobWatch } from './jobWatch.ts';

export interface Check {
  readonly name: 'redis' | 'model' | 'progress' | 'frontend' | 'clock';
  readonly ok: boolean;
  /** false: predictions are answered even if it is not ok. */
  readonly needed?: false;
  readonly detail: string;
  /** How old what it says is. */
  readonly ageMs: number;
}

/** A worker that has work and answers nothing for this long is stuck. */
const stuckAfterMs = 30_000;

/** What keeps predictions from being answered, if something does. */
export function blockerIn(checks: readonly Check[]): Check | undefined {
  return checks.find(({ ok, needed }) => !ok && needed !== false);
}

/** Whether a job can be asked: Redis answers, a worker has run its model, and the queue moves or is empty.
 *  @param isUnregistered  the job's workers do not register: only Redis can be checked */
export function checkJob(watch: JobWatch, jobName: string, isUnregistered: boolean): readonly Check[] {
  const ageMs = performance.now() - watch.readAt;
  const redis = redisCheck(watch);
  const clocks = clockChecks(watch, jobName, ageMs);
  if (isUnregistered) return [redis, ...clocks];
  const { waiting = 0, pending = 0 } = watch.figures(jobName) ?? {};
  return [
    redis,
    { name: 'model', ...modelState(watch, jobName), ageMs },
    progressCheck(waiting + pending, watch.progressAt(jobName), ageMs),
    ...clocks,
  ];
}

export function redisCheck(watch: JobWatch): Check {
  return {
    name: 'redis',
    ok: watch.trouble === undefined && watch.refusal === undefined,
    detail: watch.trouble ?? watch.refusal ?? 'Redis answers.',
    ageMs: watch.readAt === 0 ? 0 : performance.now() - watch.readAt,
  };
}

/** @param progressAt  when something was answered last, in ms by the monotonic clock
 *  @param ageMs  of both figures */
export function progressCheck(waiting: number, progressAt: number, ageMs: number): Check {
  const stillMs = performance.now() - progressAt;
  const stuck = stillMs > stuckAfterMs;
  return {
    name: 'progress',
    ok: !stuck,
    detail: stuck
      ? `${waiting} records wait and none was answered for ${Math.round(stillMs / 1000)} s.`
      : `${waiting} records wait.`,
    ageMs,
  };
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
