import { maxStrayDeaths, strayMemoryMs } from '../../runNotes.ts';
import type { PartitionNotes } from './partitionNotes.ts';

/* A worker may die for reasons that are none of its records': so those only are suspect that the model had then, as the worker
   had noted. A suspect is run alone from then on, and a death counts only for one that the model had by itself. Even so a kill
   from outside may meet a record that is alone: where such records were answered later, the same number of deaths is taken off
   what counts against others. The same as `takeOver.lua` does in Redis. */

/** Records of a partition that workers may have died of. */
export interface Suspects {
  has(offset: number): boolean;
  /** How many deaths count against a suspect. */
  deaths(offset: number, now: number): number;
  /** Takes note that a record is answered, or was given up.
   *  @param hasAnswer  by its model: what killed workers while they had it was something else */
  end(offset: number, hasAnswer: boolean, now: number): void;
  /** What is to be noted of them. */
  notes(): Pick<PartitionNotes, 'deaths' | 'stray'>;
}

/** @param notes  what the owner before has left: one that ended well has nothing running */
export function createSuspects(notes: PartitionNotes): Suspects {
  const counts = new Map(notes.deaths);
  let { stray } = notes;
  const wasAlone = notes.running.length === 1 && !notes.amongOthers;
  for (const offset of notes.running) counts.set(offset, (counts.get(offset) ?? 0) + (wasAlone ? 1 : 0));

  return {
    has: (offset) => counts.has(offset),
    deaths(offset, now) {
      const isFresh = now - stray.at <= strayMemoryMs;
      return Math.max(0, (counts.get(offset) ?? 0) - (isFresh ? stray.count : 0));
    },
    end(offset, hasAnswer, now) {
      const count = counts.get(offset) ?? 0;
      counts.delete(offset);
      if (!hasAnswer || count === 0) return;
      const known = now - stray.at <= strayMemoryMs ? stray.count : 0;
      stray = { count: Math.min(maxStrayDeaths, known + count), at: Math.round(now) };
    },
    notes: () => ({ deaths: counts, stray }),
  };
}
