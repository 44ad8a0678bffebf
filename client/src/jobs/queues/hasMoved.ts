import type { QueueReport } from '../../../../schemas/redis/queueReports.ts';

/** Whether other records may wait or be pending than at the last look. Time that passes does not count: a list of records
 *  that only grow older is not asked for again. */
export function hasMoved(before: QueueReport, now: QueueReport): boolean {
  // As many may have come as have gone.
  if ((now.inPerSecond ?? 0) > 0 || now.outPerSecond > 0) return true;
  return countsOf(before) !== countsOf(now);
}

function countsOf({ waiting, pending, dead, length, groups }: QueueReport): string {
  const held = groups.map(({ name, pending: given, behind, consumers }) => [
    name,
    given,
    behind,
    ...consumers.map((consumer) => [consumer.name, consumer.pending]),
  ]);
  return JSON.stringify([waiting, pending, dead, length, held]);
}
