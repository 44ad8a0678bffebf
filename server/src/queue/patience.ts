import { messageOf } from '../../../schemas/errors.ts';

/** Waits between attempts at something that a store does not do for now. */
export interface Patience {
  /** Says the trouble and waits a while, longer each time. */
  after(error: unknown): Promise<void>;
  /** It has worked. */
  over(): void;
}

const firstWaitMs = 50;
const lastWaitMs = 1_000;

/** Makes one for each of those that try for themselves, such as reads and writes: either may fail while the other works.
 *  @param onTrouble  called with each trouble, and with null when none is left */
export function createPatiences(onTrouble: (message: string | null) => void): () => Patience {
  let troubled = 0;
  return () => {
    let isTroubled = false;
    let waitMs = firstWaitMs;
    return {
      async after(error) {
        if (!isTroubled) troubled += 1;
        isTroubled = true;
        onTrouble(messageOf(error));
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        waitMs = Math.min(lastWaitMs, waitMs * 2);
      },
      over() {
        waitMs = firstWaitMs;
        if (!isTroubled) return;
        isTroubled = false;
        troubled -= 1;
        if (troubled === 0) onTrouble(null);
      },
    };
  };
}
