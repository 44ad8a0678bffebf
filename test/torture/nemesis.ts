import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What a nemesis is given: the world, how many workers there are to be, and its share of chance. */
export interface Scene {
  readonly world: World;
  readonly workers: number;
  readonly random: Random;
  /** Called when a fault is over: the next answer is waited for from the last call. Without one it is when `run` ends. */
  readonly over: () => void;
  /** Called after the data of Redis has gone. */
  readonly lost: () => void;
}

/** One kind of harm. Afterwards everything outside of the product is as it was. */
export interface Nemesis {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/** How long a fault lasts that has no length of its own, in ms. */
export const faultMs = 600;
