export interface TokenBucket {
  /** Takes a token, waiting for it at most the time allowed. @returns whether it got one */
  acquire(): Promise<boolean>;
}

/** Lets `tokensPerSecond` through, evenly, with a burst of up to one second's worth after a quiet time.
 *  A refusal is decided at once: who waits has its token for certain.
 *  @see Guava's RateLimiter, which the original uses */
export function createTokenBucket(options: {
  readonly tokensPerSecond: number;
  readonly acquireTimeoutMs: number;
  readonly now?: () => number;
}): TokenBucket {
  const { tokensPerSecond, acquireTimeoutMs, now = () => performance.now() } = options;
  const perTokenMs = 1000 / tokensPerSecond;
  const burstMs = 1000 - perTokenMs;
  /** When the next token is due; up to a second back after a quiet time. */
  let nextAt = now() - burstMs;
  return {
    async acquire() {
      const time = now();
      nextAt = Math.max(nextAt, time - burstMs);
      const waitMs = nextAt - time;
      if (waitMs > acquireTimeoutMs) return false;
      nextAt += perTokenMs;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      return true;
    },
  };
}
