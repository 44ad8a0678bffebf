import type { ListedPage, ListedRecord, ListQuestion } from '../../../../schemas/recordsPage.ts';
import type {
  DeadLetter,
  Page,
  PendingRecord,
  WaitingRecord,
} from '../../../../schemas/redis/queueReports.ts';

/** What a command printed of a list, as the table of records takes it.
 *  @param now  in ms since 1970 */
export function listedPage(
  page: Page<WaitingRecord | PendingRecord | DeadLetter> & Pick<ListedPage, 'searched'>,
  { state }: Pick<ListQuestion, 'state'>,
  now: number,
): ListedPage {
  const { records, next, searched } = page;
  return {
    records: records.map((record) => listed(record, state, now)),
    ...(next === undefined ? {} : { next }),
    ...(searched === undefined ? {} : { searched }),
  };
}

function listed(
  record: WaitingRecord | PendingRecord | DeadLetter,
  state: ListQuestion['state'],
  now: number,
): ListedRecord {
  const named = { id: record.id, ...(record.uri === undefined ? {} : { uri: record.uri }) };
  switch (state) {
    case 'waiting': {
      const { at, requeued } = record as WaitingRecord;
      return { ...named, at, requeued };
    }
    case 'pending': {
      const { consumer, worker = consumer, idleMs, deliveries } = record as PendingRecord;
      return { ...named, at: now - idleMs, worker, deliveries };
    }
    case 'dead': {
      const { at, reason, consumer, worker = consumer, deliveries, requeued } = record as DeadLetter;
      return { ...named, at, reason, ...(worker === undefined ? {} : { worker }), deliveries, requeued };
    }
  }
}
