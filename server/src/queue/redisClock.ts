import type { Redis } from 'ioredis';

/** Redis's clock as seen from here: all who share a Redis agree on it, whatever the clocks of their machines say. */
export interface RedisClock {
  /** Redis's time, in ms since 1970. Until Redis was asked it is that of this machine. */
  now(): number;
  /** How far this machine's clock is ahead of Redis's, in ms. */
  aheadMs(): number;
  /** Takes note of an answer. @param redisMs  the time that Redis told
   *  @param askedAt  when it was asked, by the monotonic clock */
  observe(redisMs: number, askedAt: number): void;
}

export interface LocalClocks {
  /** In ms; never set, neither by a person nor by the network. */
  readonly monotonic: () => number;
  /** In ms since 1970. */
  readonly wall: () => number;
}

const thisMachine: LocalClocks = { monotonic: () => performance.now(), wall: () => Date.now() };

/** Between two answers Redis's time goes on by the monotonic clock, so that a clock of this machine that is set changes
 *  nothing. */
export function createRedisClock({ monotonic, wall }: LocalClocks = thisMachine): RedisClock {
  let offset: number | undefined;
  const now = () => (offset === undefined ? wall() : monotonic() + offset);
  return {
    now,
    aheadMs: () => Math.round(wall() - now()),
    observe(redisMs, askedAt) {
      // The answer was true somewhere between the question and now.
      offset = redisMs - (askedAt + monotonic()) / 2;
    },
  };
}

/** Redis's time, in ms since 1970. */
export async function readTime(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

/** Asks Redis for its time and lets the clock take note. */
export async function setClock(clock: RedisClock, redis: Redis): Promise<void> {
  const askedAt = performance.now();
  clock.observe(await readTime(redis), askedAt);
}

/** What is wrong with the clock of this machine, in a sentence without its subject. */
export function skewText(aheadMs: number): string {
  return `${Math.abs(Math.round(aheadMs / 100) / 10)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Redis's`;
}
