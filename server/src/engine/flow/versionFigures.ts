import type { VersionFigures } from '../../../../schemas/rollout.ts';
import { createSamples } from '../statistics.ts';

/** Counts what one version of a model does, to set it beside that of another. */
export interface VersionCounter {
  answered(records: number): void;
  failed(): void;
  /** An inference took this long. */
  ran(ms: number): void;
  report(version: string | undefined): VersionFigures;
}

export function createVersionCounter(): VersionCounter {
  const inference = createSamples();
  let answered = 0;
  let failed = 0;
  return {
    answered(records) {
      answered += records;
    },
    failed() {
      failed += 1;
    },
    ran: (ms) => inference.add(ms),
    report: (version) => ({
      ...(version === undefined ? {} : { version }),
      answered,
      failed,
      inferenceMs: inference.percentiles(),
    }),
  };
}
