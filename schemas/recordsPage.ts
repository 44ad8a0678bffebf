import type { Page, QueueReport, RecordPreview } from './redis/queueReports.ts';

/** What the page of a queue's records and the editor exchange, by messages. */

/** The lists of a queue, those first that need a look most. */
export const listedStates = ['dead', 'pending', 'waiting'] as const;
export type ListedState = (typeof listedStates)[number];

/** The queue that a page of the editor shows. */
export interface RecordsTarget {
  readonly jobName: string;
  /** host:port */
  readonly redis: string;
  /** The list to begin with; all of them where it is absent. */
  readonly state?: ListedState;
}

/** A record of a list, whichever it is. */
export interface ListedRecord {
  readonly id: string;
  readonly uri?: string;
  /** When it was put in, or given up, in ms since 1970. */
  readonly at: number;
  readonly worker?: string;
  readonly deliveries?: number;
  /** Why it was given up. */
  readonly reason?: string;
  /** How often it was put back before. */
  readonly requeued?: number;
}

/** Part of a list. */
export interface ListedPage extends Page<ListedRecord> {
  /** How many records were looked at, where the list was searched. */
  readonly searched?: number;
}

/** A part of a list that is asked for. */
export interface ListQuestion {
  readonly state: ListedState;
  /** Where the part before it ended. */
  readonly after?: string;
  /** Part of the uri or id. */
  readonly uri?: string;
}

/** What can be done with records that were chosen. */
export type RecordChange = 'requeue' | 'kill';

/** A message of the page to the editor. */
export type RecordsQuestion =
  | { readonly kind: 'ready' }
  | { readonly kind: 'page'; readonly question: number; readonly list: ListQuestion }
  | { readonly kind: 'previews'; readonly question: number; readonly ids: readonly string[] }
  | { readonly kind: 'open'; readonly id: string }
  | { readonly kind: RecordChange; readonly ids: readonly string[] };

/** How many records each list has. */
export type RecordCounts = Pick<QueueReport, ListedState>;

/** What the editor sends to the page. */
export type RecordsMessage =
  | {
      readonly kind: 'queue';
      /** Kept with the page, which is restored by it. */
      readonly target: RecordsTarget;
      /** Absent while the queue is not known. */
      readonly counts?: RecordCounts;
      /** Why its Redis cannot be asked. */
      readonly trouble?: string;
      /** Other records may be in the lists than before. */
      readonly hasMoved: boolean;
    }
  | { readonly kind: 'page'; readonly question: number; readonly page: ListedPage }
  | { readonly kind: 'previews'; readonly question: number; readonly records: readonly RecordPreview[] }
  | { readonly kind: 'failed'; readonly question: number; readonly message: string };
