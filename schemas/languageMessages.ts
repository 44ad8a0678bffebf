import type { JobReport } from './jobEvents.ts';

/** What our editor extension and the language server say to each other beyond the protocol. */

/** Asks whose file a YAML text is, before it gets a language of its own. Takes `{ text }`, answers `Recognised`. */
export const recogniseRequest = 'clusterServing/recognise';

export interface Recognised {
  readonly kind: 'config' | 'servables' | 'foreign';
  /** One sentence, for whoever wonders. */
  readonly because: string;
  /** How many keys of ours the file has: a foreign file with some may be one of ours after all. */
  readonly ownKeys: number;
}

/** Tells the language server of all jobs that the editor sees, again with each change; for the lenses over modelPath. A
 *  notification with `JobsMessage`; a job that is not in it is stopped. */
export const jobsNotification = 'clusterServing/jobs';

export interface JobsMessage {
  readonly jobs: readonly Pick<JobReport, 'jobName' | 'redis' | 'state'>[];
}
