import type { ConfigFacts } from '../../../schemas/editor/languageMessages.ts';
import type { AdvisedKey } from '../../../schemas/pages.ts';

/** A change of a value in a config. */
export interface Raise {
  readonly key: keyof ConfigFacts['tuning'];
  readonly from: number;
  readonly to: number;
}

/** Twice the value. Where coreNumberPerMachine is set it stands in place of copies and threads, so it is what is raised. */
export function raised(tuning: ConfigFacts['tuning'], key: AdvisedKey): Raise {
  const { coreNumberPerMachine } = tuning;
  const written = key !== 'batchSize' && coreNumberPerMachine > 0 ? 'coreNumberPerMachine' : key;
  return { key: written, from: tuning[written], to: 2 * tuning[written] };
}
