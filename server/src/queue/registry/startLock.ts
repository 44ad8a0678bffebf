import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { startLockKey } from '../../../../schemas/redis/redisKeys.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { runScript, scripts } from '../scripts/scripts.ts';

/** Who starts a job, as the lock says. */
export interface Starter {
  readonly host: string;
  readonly pid: number;
  /** With the pid it names one process of the host; see `ProcessName`. */
  readonly space: string;
  readonly began: string;
  /** When the start began, in ms since 1970. */
  readonly since: number;
}

export interface StartLock {
  /** Whether it is still held: another start may have taken it, for instance after Redis lost its data. */
  readonly isHeld: boolean;
  /** Gives the lock back, unless it is another's by now. */
  release(): Promise<void>;
}

/** Takes the lock of a job's start and renews it until it is released.
 *  @returns who has it, where that is another: its text is for `breakStartLock` */
export async function takeStartLock(
  redis: Redis,
  jobName: string,
  starter: Starter,
): Promise<StartLock | { readonly heldBy: string }> {
  const key = startLockKey(jobName);
  const token = JSON.stringify({ ...starter, token: randomBytes(8).toString('hex') });
  const hold = () => runScript(redis, scripts.hold, [key], [token, startLimits.lockMs]);
  const holder = await hold();
  if (holder !== token) return { heldBy: String(holder) };
  return renewedLock(
    async () => (await hold()) === token,
    () => breakStartLock(redis, jobName, token),
  );
}

/** Renews a lock that has been taken, until it is released.
 *  @param hold  takes it for another while. @returns whether it is still this start's */
export function renewedLock(hold: () => Promise<boolean>, release: () => Promise<unknown>): StartLock {
  let isHeld = true;
  const renewal = setInterval(() => {
    hold().then(
      (now) => {
        isHeld = now;
      },
      // A store that is away for a moment is asked again.
      () => undefined,
    );
  }, startLimits.lockMs / 3);
  renewal.unref();
  return {
    get isHeld() {
      return isHeld;
    },
    async release() {
      clearInterval(renewal);
      await release();
    },
  };
}

/** Removes the lock of a start that has died, unless another has taken it meanwhile. */
export async function breakStartLock(redis: Redis, jobName: string, heldBy: string): Promise<void> {
  await runScript(redis, scripts.release, [startLockKey(jobName)], [heldBy]);
}

/** @returns undefined for what is not the lock of a start */
export function readStarter(heldBy: string): Starter | undefined {
  try {
    const starter = JSON.parse(heldBy) as Partial<Starter>;
    const { host, pid, space, began, since } = starter;
    const texts = [host, space, began].every((text) => typeof text === 'string');
    return texts && typeof pid === 'number' && typeof since === 'number' ? (starter as Starter) : undefined;
  } catch {
    return undefined;
  }
}
