/** A rollout: a second version of a job's model beside the one that is served. */

/** What a rollout is to be. */
export interface RolloutWish {
  /** The version that takes the share: the name of its folder. */
  readonly version: string;
  /** How many of 100 records. */
  readonly percent: number;
  /** Both versions answer the share, and clients see the answers of the old one only. */
  readonly isShadow: boolean;
}

/** What one of the two versions has done since the rollout began. */
export interface VersionFigures {
  /** Absent where the model's folder has no versions. */
  readonly version?: string;
  /** Records and requests. */
  readonly answered: number;
  /** Those that were given up; in a shadow, those that the old version answers and the new one does not. */
  readonly failed: number;
  /** Of the last inferences, in ms. */
  readonly inferenceMs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** How the answers of a shadow agree with those that clients see. */
export interface Agreement {
  readonly compared: number;
  /** Those that differ by no more than `agreesWithin`. */
  readonly agreed: number;
  /** The largest difference of two answers, by the largest number of an answer; null where it has no limit. */
  readonly difference: number | null;
  /** Records of the share that were not compared, since the shadow was busy. */
  readonly skipped: number;
}

/** A rollout of a worker, as its heartbeat has it. */
export interface RolloutReport extends RolloutWish {
  /** When it began, in ms since 1970. */
  readonly since: number;
  readonly served: VersionFigures;
  readonly next: VersionFigures;
  /** Of a shadow. */
  readonly agreement?: Agreement;
}

/** What decides which of two versions answers. */
export interface Choice {
  /** Whatever has the same name gets the same version. */
  readonly name: string;
  /** The one that is wanted, where it is served. */
  readonly version?: string | undefined;
}

/** Answers agree where they differ by this part of the largest number of an answer at most. */
export const agreesWithin = 0.01;

/** Why a worker refuses what concerns a rollout, beside what refuses any reload. */
export const rolloutRefusals = {
  'rollout-running': 'A rollout runs, and has to be promoted or aborted first.',
  'rollout-missing': 'No rollout runs.',
  'rollout-impossible': 'The version cannot be rolled out beside the one that is served.',
  'rollout-ended': 'The model of a shadow died, or a worker that has started again serves another version.',
} as const;
export type RolloutRefusal = keyof typeof rolloutRefusals;

/** The text of a share: `10%`, `0.5 %` or `10`. @returns undefined for what is none, or is not between 0 and 100 */
export function percentOfText(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,4})? ?%?$/.test(text)) return undefined;
  const percent = Number.parseFloat(text);
  return percent > 0 && percent <= 100 ? percent : undefined;
}
