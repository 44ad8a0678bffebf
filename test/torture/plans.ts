import { killNemeses, nemeses } from './nemeses.ts';
import type { Nemesis } from './nemesis.ts';
import type { Random } from './random.ts';
import { redisNemeses } from './redisNemeses.ts';
import type { Plan, Round, Turn } from './run.ts';

/* What a run does, and in which order: all of it follows from the seed. */

export const workerCounts: readonly number[] = [1, 2, 4];
/** Rounds with as many workers before their number changes. */
const roundsAtOnce = 3;
/** This many faults of Redis share one round. */
const strikesAtOnce = 5;
/** A kill counts for little while few records are under way. */
export const recordsPerKill = 50;

/** @param only  the names of those to use, or the beginnings of them; all where it is empty */
function choose(all: readonly Nemesis[], only: readonly string[]): readonly Nemesis[] {
  const chosen = all.filter(({ name }) => only.length === 0 || only.some((one) => name.startsWith(one)));
  if (chosen.length === 0) throw new Error(`no nemesis is called ${only.join()}`);
  return chosen;
}

/** Every kind of harm in turn, until the time is over.
 *  @param only  see `choose`
 *  @param now  in ms, by the monotonic clock */
export function planOfAll(minutes: number, only: readonly string[], now = () => performance.now()) {
  const chosen = choose(nemeses, only);
  return (random: Random): Plan => {
    const end = now() + minutes * 60_000;
    const draw = deckOf(random, chosen);
    return ({ length }) => {
      if (now() >= end) return undefined;
      const workers = workerCounts[Math.floor(length / roundsAtOnce) % workerCounts.length] ?? 1;
      return { nemesis: draw(), workers, strikes: 1 };
    };
  };
}

/** Kills of workers, until each number of workers has had this many over enough records.
 *  @param counts  the numbers of workers */
export function planOfKills(kills: number, only: readonly string[] = [], counts = workerCounts) {
  const chosen = choose(killNemeses, only);
  return (random: Random): Plan => {
    const draw = deckOf(random, chosen);
    return (played) => {
      const workers = counts.find((count) => !isEnough(played.filter((one) => one.workers === count)));
      return workers === undefined ? undefined : { nemesis: draw(), workers, strikes: 1 };
    };
    function isEnough(rounds: readonly Round[]): boolean {
      const sum = (value: (round: Round) => number) => rounds.map(value).reduce((a, b) => a + b, 0);
      return sum((one) => one.kills) >= kills && sum((one) => one.records) >= kills * recordsPerKill;
    }
  };
}

/** Each fault of Redis and of the network this many times, a third of them with each number of workers. */
export function planOfFaults(times: number, only: readonly string[] = []) {
  const chosen = choose(redisNemeses, only);
  return (random: Random): Plan => {
    const passes = Math.ceil(times / strikesAtOnce);
    const turns = Array.from({ length: passes }, (_, pass): Turn[] => {
      const workers = workerCounts[Math.floor((pass * workerCounts.length) / passes)] ?? 1;
      const strikes = Math.min(strikesAtOnce, times - pass * strikesAtOnce);
      return random.shuffle(chosen).map((nemesis) => ({ nemesis, workers, strikes }));
    }).flat();
    return ({ length }) => turns[length];
  };
}

/** Each once, in an order by chance, and then again. */
function deckOf(random: Random, all: readonly Nemesis[]): () => Nemesis {
  let deck: Nemesis[] = [];
  return () => {
    if (deck.length === 0) deck = random.shuffle(all);
    return deck.pop() as Nemesis;
  };
}
