/** A command that Redis does not answer in time. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/** A deadline that is noticed this much too late was held up by this process, which may have the answer unread. */
const heldUpMs = 20;
/** A process that is held up all the time waits no longer for it. */
const mostExtensions = 3;

/** Rejects when the promise has not settled within `ms`; the promise itself goes on and is ignored. Where this process was
 *  busy when the time was over, it gets as much again as it lost: timers go off before what has arrived is read.
 *  @throws DeadlineError */
export async function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  promise.catch(() => undefined);
  const deadline = new Promise<never>((_, reject) => {
    function arm(waitMs: number, extensions: number): void {
      const due = performance.now() + waitMs;
      timer = setTimeout(() => {
        const late = performance.now() - due;
        if (late > heldUpMs && extensions < mostExtensions) arm(Math.min(late, ms), extensions + 1);
        else reject(new DeadlineError(`${what}: no answer within ${ms} ms`));
      }, waitMs);
    }
    arm(ms, 0);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
