import type { QueuedRecord } from '../queue/recordQueue.ts';
import type { DecodedRecord } from './decodeRecord.ts';

/** A record on its way from the queue to its answer. */
export interface Item {
  readonly record: QueuedRecord;
  readonly decoded: DecodedRecord;
  /** Of the batch. */
  readonly rows: number;
  /** Items of equal key may share a run. */
  readonly key: string;
}

/** Bytes of a record's payload. */
export function bytesOf({ data }: QueuedRecord): number {
  return data?.length ?? 0;
}

/** The deadline has passed. */
export function isExpired({ deadline }: QueuedRecord, storeMs: number): boolean {
  return deadline !== undefined && deadline <= storeMs;
}
