import { maxStrayDeaths, strayMemoryMs } from '../../runNotes.ts';
import type { PartitionNotes } from './partitionNotes.ts';

/* A worker may die for reasons that are none of its records': so those only are suspect that the model had then, as the worker
   had noted. A suspect is run alone from then on, and a death counts only for one that the model had by itself. Even so a kill
   from outside may meet a record that is alone: where such records were answered later, the same number of deaths is taken off
   what counts against others, in whichever partition they are. The same as `takeOver.lua` does in Redis. */

/** Records of a partition that workers may have died of. */
export interface Suspects {
  has(offset: number): boolean;
  /** How many deaths count against a suspect. */
  deaths(offset: number, now: number): number;
  /** Takes note that a record is answered, or was given up.
   *  @param hasAnswer  by its model: what killed workers while they had it was something else */
  end(offset: number, hasAnswer: boolean, now: number): void;
  /** How many deaths records of this partition turned out not to be the cause of lately. */
  strayDeaths(now: number): number;
  /** What is to be noted of them. */
  notes(): Pick<PartitionNotes, 'deaths' | 'stray'>;
}

export interface SuspectsOptions {
  /** Whether the owner before is known to live: it has lost the partition, and died of nothing. */
  readonly ownerLives?: boolean;
  /** What the job's other partitions have shown of deaths that had another cause. */
  readonly strayElsewhere?: (now: number) => number;
}

/** @param notes  what the owner before has left: one that ended well has nothing running */
export function createSuspects(
  notes: PartitionNotes,
  { ownerLives = false, strayElsewhere = () => 0 }: SuspectsOptions = {},
): Suspects {
  const counts = new Map(notes.deaths);
  let { stray } = notes;
  const diedWith = ownerLives ? [] : notes.running;
  const wasAlone = diedWith.length === 1 && !notes.amongOthers;
  for (const offset of diedWith) counts.set(offset, (counts.get(offset) ?? 0) + (wasAlone ? 1 : 0));

  return {
    has: (offset) => counts.has(offset),
    deaths(offset, now) {
      const explained = Math.min(maxStrayDeaths, freshStray(stray, now) + strayElsewhere(now));
      return Math.max(0, (counts.get(offset) ?? 0) - explained);
    },
    end(offset, hasAnswer, now) {
      const count = counts.get(offset) ?? 0;
      counts.delete(offset);
      if (!hasAnswer || count === 0) return;
      stray = { count: Math.min(maxStrayDeaths, freshStray(stray, now) + count), at: Math.round(now) };
    },
    strayDeaths: (now) => freshStray(stray, now),
    notes: () => ({ deaths: counts, stray }),
  };
}

/** What a partition's notes say of deaths that had another cause, while that says something of the next ones. */
export function freshStray({ count, at }: PartitionNotes['stray'], now: number): number {
  return now - at <= strayMemoryMs ? count : 0;
}
