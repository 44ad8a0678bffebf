import type { QueuedRecord, RecordTimes } from '../../queue/recordQueue.ts';
import type { Choice } from '../../../../schemas/rollout.ts';
import type { ModelTensor } from '../../model/model.ts';
import type { DecodedRecord } from './decodeRecord.ts';

/** What the model is to answer: a record on its way from the queue, or a request that came over HTTP. */
export interface Item {
  readonly source: Source;
  /** By which a version of the model is chosen for it, where two are served. */
  readonly name: string;
  readonly decoded: DecodedRecord;
  /** Of the batch. */
  readonly rows: number;
  /** Items of equal key may share a run. */
  readonly key: string;
  /** Kept where it belongs to a trace. */
  readonly times?: RecordTimes | undefined;
  /** What the queue knows it by; undefined for a request. */
  readonly record: QueuedRecord | undefined;
}

/** Where items come from and their answers go. Each item that it has given to the runs gets exactly one of the three calls. */
export interface Source {
  /** An answer would come too late. */
  isOver(item: Item): boolean;
  skip(item: Item): void;
  /** @param outputs  its rows of each, in the model's order @throws when they cannot be answered with */
  answer(item: Item, outputs: readonly ModelTensor[]): void;
  giveUp(item: Item, error: unknown): void;
}

/** How many requests of HTTP frontends an item answers. */
export function sharedBy({ record }: Pick<Item, 'record'>): number {
  return record?.sharedBy ?? 1;
}

/** By which a version is chosen for a record: the same for each try of it. */
export function choiceOf({ uri, id, version }: Pick<QueuedRecord, 'uri' | 'id' | 'version'>): Choice {
  return { name: uri ?? id, version };
}

/** Bytes of a record's payload. */
export function bytesOf({ data }: QueuedRecord): number {
  return data?.length ?? 0;
}

/** The deadline has passed. */
export function isExpired({ deadline }: QueuedRecord, storeMs: number): boolean {
  return deadline !== undefined && deadline <= storeMs;
}
