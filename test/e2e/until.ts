import type { Locator } from 'playwright-core';

/** For what takes a second on a machine that has nothing else to do. */
export const waitMs = 60_000;

/** How long one attempt has that is made again if it fails: long enough for a busy machine, and short enough for several. */
export const attemptMs = 10_000;

/** Asks again until it is so.
 *  @param what  what is waited for, if the text of `isSo` does not show it
 *  @throws Error after the deadline, with what was waited for and what went wrong last */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what = isSo.toString().replaceAll(/\s+/g, ' '),
  deadlineMs = waitMs,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await isSo()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const reason = last === undefined ? 'It was not so at the last look.' : messageOf(last);
  throw new Error(`Not within ${deadlineMs / 1000} s: ${what}\n${reason}`, { cause: last });
}

export function appears(what: Locator): Promise<boolean> {
  return becomes(what, 'visible');
}

export function disappears(what: Locator): Promise<boolean> {
  return becomes(what, 'hidden');
}

function becomes(what: Locator, state: 'visible' | 'hidden'): Promise<boolean> {
  return what.waitFor({ state, timeout: attemptMs }).then(
    () => true,
    () => false,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
