import type { Text } from './texts.ts';

/** What of a queue is in the table. */
export interface ListStanding {
  readonly rows: number;
  readonly looked: number;
  /** As the queue reports it. */
  readonly total: number;
  readonly uri: string;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly isSorted: boolean;
}

/** Says how much of the queue is in the table, so that a part never passes for the whole. */
export function statusText(
  { rows, looked, total, uri, hasMore, isLoading, isSorted }: ListStanding,
  t: Text,
  language: string,
): string {
  const count = (value: number) => value.toLocaleString(language);
  // The queue moves on between two looks.
  const of = hasMore ? Math.max(total, looked) : looked;
  const loaded =
    uri === ''
      ? hasMore
        ? t('{0} of {1} are loaded', count(rows), count(of))
        : t('all {0} are loaded', count(rows))
      : hasMore
        ? t('{0} found, {1} of {2} looked at', count(rows), count(looked), count(of))
        : t('{0} found among all {1}', count(rows), count(looked));
  return [
    loaded,
    ...(isSorted && hasMore ? [t('sorted among these')] : []),
    ...(isLoading ? [t('loading…')] : []),
  ].join(' · ');
}
