import { searchedAtMost } from '../../../../schemas/programs/cliOptions.ts';
import type { Page } from '../../../../schemas/redis/queueReports.ts';
import type { PageRequest } from '../../queue/readQueue.ts';
import { print } from '../output.ts';
import type { ListOptions } from './options.ts';

/** A page of a list, with how many records were looked at for it where it was searched. */
export interface ListPage<T> extends Page<T> {
  readonly searched?: number;
}

/** The most that one page of a search holds. */
const pageRecords = 1_000;
/** Pages of large records are short: Redis reads 4 MB for one at most. */
const maxPages = 50;

/** Reads a page of a list, or looks for records by their uri or id. A search ends after a fixed number of records, whatever
 *  the length of the queue, and goes on from `next`.
 *  @param read  gives a page of the whole list */
export async function readList<T extends { readonly id: string; readonly uri?: string }>(
  read: (request: PageRequest) => Promise<Page<T>>,
  { count, after, uri }: Pick<ListOptions, 'count' | 'after' | 'uri'>,
): Promise<ListPage<T>> {
  if (uri === undefined) return read({ count, after });
  const wanted = uri.toLowerCase();
  const records: T[] = [];
  let searched = 0;
  let next = after;
  for (let pages = 0; pages < maxPages && searched < searchedAtMost; pages++) {
    const page = await read({ count: pageRecords, after: next });
    for (const record of page.records) {
      searched += 1;
      next = record.id;
      if (!contains(record, wanted)) continue;
      records.push(record);
      // The list may go on after it.
      if (records.length === count) return { records, next, searched };
    }
    if (page.next === undefined) return { records, searched };
    next = page.next;
  }
  return { records, ...(next === undefined ? {} : { next }), searched };
}

function contains({ id, uri = '' }: { readonly id: string; readonly uri?: string }, wanted: string): boolean {
  return uri.toLowerCase().includes(wanted) || id.includes(wanted);
}

/** @param empty  what is said of a list that is empty and was not searched */
export function noneText(uri: string | undefined, empty: string): string {
  return uri === undefined ? empty : `No record has "${uri}" in its uri or id.`;
}

/** Says how the list goes on. */
export function sayMore({ next, searched }: ListPage<unknown>): void {
  if (next === undefined) return;
  const looked = searched === undefined ? '' : `${searched} records were looked at. `;
  print(`${looked}There are more: --after ${next}`);
}
