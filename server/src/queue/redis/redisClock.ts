import type { Redis } from 'ioredis';

/** Redis's clock as seen from here: all who share a Redis agree on it, whatever the clocks of their machines say. */
export interface RedisClock {
  /** Redis's time, in ms since 1970. Until Redis was asked it is that of this machine. */
  now(): number;
  /** How far this machine's clock is ahead of Redis's, in ms. */
  aheadMs(): number;
  /** Takes note of an answer. @param redisMs  the time of Redis
   *  @param askedAt  when it was asked, by the monotonic clock */
  observe(redisMs: number, askedAt: number): void;
}

export interface LocalClocks {
  /** In ms; never set, neither by a person nor by the network. */
  readonly monotonic: () => number;
  /** In ms since 1970. */
  readonly wall: () => number;
}

/** How much faster one clock may run than another. */
const maxDrift = 0.001;

const thisMachine: LocalClocks = { monotonic: () => performance.now(), wall: () => Date.now() };

/** Between two answers Redis's time goes on by the monotonic clock, so that a clock of this machine that is set changes
 *  nothing. */
export function createRedisClock({ monotonic, wall }: LocalClocks = thisMachine): RedisClock {
  /** Redis's time less the monotonic one lies between these, as of a moment. */
  let known: { readonly least: number; readonly most: number; readonly at: number } | undefined;
  const now = () => (known === undefined ? wall() : monotonic() + (known.least + known.most) / 2);
  return {
    now,
    aheadMs: () => Math.round(wall() - now()),
    observe(redisMs, askedAt) {
      // The answer was true at some moment between the question and now: a quick answer is more exact than a slow one.
      const at = monotonic();
      const drift = known === undefined ? 0 : (at - known.at) * maxDrift;
      const least = Math.max(redisMs - at, known === undefined ? -Infinity : known.least - drift);
      const most = Math.min(redisMs - askedAt, known === undefined ? Infinity : known.most + drift);
      // What does not fit together is a clock that was set.
      known = least <= most ? { least, most, at } : { least: redisMs - at, most: redisMs - askedAt, at };
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
