/** Finds out when something has changed and is quiet again: files are copied piece by piece. */
export interface QuietWatch {
  /** @param print  what is there now
   *  @returns whether it differs from what was handled, and has been as it is for `quietMs` */
  look(print: string, nowMs: number): boolean;
  /** What is there is dealt with, whatever came of it. */
  handled(print: string): void;
  /** What is there is to be dealt with again, once it has been as it is for `quietMs` from this time on. */
  again(fromMs: number): void;
}

export function createQuietWatch(first: string, quietMs: number): QuietWatch {
  let done: string | undefined = first;
  let seen = first;
  let since = -Infinity;
  return {
    look(print, nowMs) {
      if (print !== seen) {
        seen = print;
        since = nowMs;
      }
      return print !== done && nowMs - since >= quietMs;
    },
    handled(print) {
      done = print;
    },
    again(fromMs) {
      done = undefined;
      since = fromMs;
    },
  };
}
