import { isUnhealthy } from '../jobs/jobStore.ts';
import type { JobReport } from '../../../schemas/jobEvents.ts';
import type { Translate } from './figures.ts';

/** What the item in the status bar says. */
export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** Jobs fail that are being watched. */
  readonly isAlarm: boolean;
}

/** @param asOf  when the jobs of a Redis were last seen, in ms since 1970; undefined while they are watched
 *  @param now  in ms since 1970 */
export function statusText(
  jobs: readonly JobReport[],
  asOf: (redis: string) => number | undefined,
  now: number,
  t: Translate,
): StatusText {
  const failed = jobs.filter(isUnhealthy).length;
  const count = jobs.length === 1 ? t('1 job') : t('{0} jobs', jobs.length);
  const fact = failed > 0 ? t('{0} of {1} jobs failed', failed, jobs.length) : count;
  const times = jobs.flatMap(({ redis }) => asOf(redis) ?? []);
  if (times.length > 0)
    return {
      text: `$(history) ${t('{0} as of {1}', fact, whenText(Math.min(...times), now))}`,
      tooltip: t('Not being watched now. Click to see the jobs as they are.'),
      isAlarm: false,
    };
  return {
    text: `$(${failed > 0 ? 'error' : 'server-process'}) ${fact}`,
    tooltip: failed > 0 ? t('Jobs that need attention') : t('Known jobs'),
    isAlarm: failed > 0,
  };
}

/** The time, with the day if that is another one. */
function whenText(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return date.toDateString() === new Date(now).toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}
