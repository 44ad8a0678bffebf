import type { JobState } from '../../../../schemas/jobEvents.ts';
import type { Translate } from '../figures.ts';
import { stateText } from '../jobRows.ts';

/** The state of a row of the jobs view: that of its job; `stopped` for a config that does not run; `away` where the job's
 *  Redis cannot be asked. */
export type ShownState = JobState | 'away';

/** What the jobs view knows of a row before it draws it. */
export interface ListedJob {
  /** Of its row. */
  readonly id: string;
  readonly jobName: string;
  readonly state: ShownState;
  /** host:port of a Redis, or the brokers of a Kafka as reports have them. */
  readonly store: string;
  /** Absent where the config is on another machine. */
  readonly configPath?: string;
  readonly failure?: string;
}

/** What needs attention first. */
export const shownStates: readonly ShownState[] = [
  'failed',
  'full',
  'away',
  'waiting-for-secret',
  'starting',
  'running',
  'stopping',
  'stopped',
];

export function shownStateText(state: ShownState, t: Translate): string {
  switch (state) {
    case 'away':
      return t('cannot be asked');
    case 'stopped':
      return t('not running');
    default:
      return stateText(state, t);
  }
}
