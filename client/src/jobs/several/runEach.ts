import { messageOf } from '../../../../schemas/errors.ts';

/** Something that was not done, and why. */
export interface Refusal {
  readonly name: string;
  readonly why: string;
}

/** What became of several. */
export interface Outcome {
  readonly done: number;
  readonly refused: readonly Refusal[];
}

export interface EachOptions<T> {
  readonly nameOf: (item: T) => string;
  /** How many at the same time. */
  readonly atOnce: number;
  /** After a cancel, no other is begun. */
  readonly signal?: AbortSignal;
}

/** Does the same with each. One that fails does not keep the others from it.
 *  @param work  gives false where it was cancelled: that is neither done nor refused */
export async function runEach<T>(
  items: readonly T[],
  work: (item: T, place: number) => Promise<boolean>,
  { nameOf, atOnce, signal }: EachOptions<T>,
): Promise<Outcome> {
  const refused = new Map<number, Refusal>();
  let done = 0;
  const left = items.entries();
  const lane = async () => {
    for (const [place, item] of left) {
      if (signal?.aborted) return;
      try {
        if (await work(item, place)) done += 1;
      } catch (error) {
        refused.set(place, { name: nameOf(item), why: messageOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  // In the order of the rows, whichever failed first.
  return { done, refused: [...refused].sort(([a], [b]) => a - b).map(([, refusal]) => refusal) };
}
