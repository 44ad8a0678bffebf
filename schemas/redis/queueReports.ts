import type { ImageFormatName } from '../imageFormats.ts';
import type { QueueFigures } from '../jobEvents.ts';

/** What the `queue` commands print of a job's stream. Ids are Redis's; their first part is the time, in ms since 1970, at
 *  which the record was put in. */

export interface ConsumerReport {
  readonly name: string;
  /** `pid@host`, for a registered worker. */
  readonly worker?: string;
  readonly pending: number;
  readonly idleMs: number;
}

export interface GroupReport {
  readonly name: string;
  readonly pending: number;
  /** Entries that it has not read yet; absent where Redis does not know. */
  readonly behind?: number;
  /** Not all of them: the original leaves one for each record. */
  readonly consumers: readonly ConsumerReport[];
  readonly consumerCount: number;
}

export interface QueueReport extends QueueFigures {
  readonly jobName: string;
  readonly redis: string;
  /** Entries in the stream, answered ones that are not yet freed too. */
  readonly length: number;
  /** Records that clients add, known after two reports. */
  readonly inPerSecond?: number;
  /** Records that the workers answer, by their own account. */
  readonly outPerSecond: number;
  readonly groups: readonly GroupReport[];
  /** Of a queue in Kafka. */
  readonly partitions?: readonly PartitionReport[];
}

/** A partition of a job's topic. */
export interface PartitionReport {
  readonly partition: number;
  /** Records that are not answered, whether a worker has them or not. */
  readonly lag: number;
  /** The first offset that is not committed. */
  readonly committed: number;
  readonly end: number;
  /** The client that reads it; absent while none does. */
  readonly consumer?: string;
  /** `pid@host`, for a registered worker. */
  readonly worker?: string;
}

/** A line of `queue list --follow --json`. The names of all queues come after the first report, so that a reader that has known
 *  others knows that they are gone. */
export type QueueEvent =
  | {
      readonly event: 'queues';
      readonly at: number;
      readonly redis: string;
      readonly jobNames: readonly string[];
    }
  | { readonly event: 'queue'; readonly at: number; readonly queue: QueueReport }
  | { readonly event: 'gone'; readonly at: number; readonly jobName: string; readonly redis: string }
  | {
      /** As of `JobEvent`. */
      readonly event: 'config';
      readonly at: number;
      readonly configPath: string;
      readonly error: string | null;
    }
  | { readonly event: 'redis'; readonly at: number; readonly redis: string; readonly error: string | null };

/** Part of a list that may be long. */
export interface Page<T> {
  readonly records: readonly T[];
  /** What `--after` takes for the next part; absent at the end. */
  readonly next?: string;
}

/** A record that no worker was given yet. */
export interface WaitingRecord {
  readonly id: string;
  readonly uri?: string;
  /** When it was put in, in ms since 1970 by Redis's clock. */
  readonly at: number;
  /** How often it was put back from the dead letters. */
  readonly requeued: number;
}

/** A record that a consumer was given and has not answered. */
export interface PendingRecord {
  readonly id: string;
  /** Absent where the record has none, has gone, or the page was too large to look. */
  readonly uri?: string;
  readonly consumer: string;
  readonly worker?: string;
  readonly idleMs: number;
  readonly deliveries: number;
}

/** A record that was given up. */
export interface DeadLetter {
  /** Its id among the dead letters. */
  readonly id: string;
  readonly uri?: string;
  readonly reason: string;
  /** When it was given up, in ms since 1970. */
  readonly at: number;
  readonly deliveries: number;
  readonly consumer?: string;
  readonly worker?: string;
  /** The id that it had in the queue. */
  readonly originalId?: string;
  /** How often it was put back before. */
  readonly requeued: number;
}

export interface Statistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** How many values are NaN or infinite; the others make the figures above. */
  readonly notFinite: number;
}

/** An input of a record, decoded. Tensors are row-major. */
export type InputPreview = { readonly name: string } & (
  | {
      readonly kind: 'tensor' | 'sparse';
      /** The element type. */
      readonly dtype: string;
      readonly shape: readonly number[];
      /** Of the stored values; the zeros that a sparse tensor leaves out do not count. */
      readonly statistics?: Statistics;
      readonly count: number;
      /** The first ones; integers that a number cannot hold are written out. */
      readonly values: readonly (number | string)[];
    }
  | {
      readonly kind: 'text';
      readonly dtype: 'string';
      readonly shape: readonly number[];
      readonly count: number;
      /** The first ones, long ones cut. */
      readonly texts: readonly string[];
    }
  | {
      readonly kind: 'image';
      readonly format: ImageFormatName;
      /** Of the file, in pixels. */
      readonly width: number;
      readonly height: number;
      readonly bytes: number;
      /** What the model is fed with: float32, blue, green, red, 0 to 255, resized as the config says. */
      readonly shape: readonly number[];
      readonly statistics: Statistics;
      /** A PNG as a `data:` URI, no larger than its sides need. */
      readonly thumbnail: string;
    }
  | {
      readonly kind: 'undecodable';
      readonly error: string;
      /** How the text begins that is no image. */
      readonly text?: string;
    }
);

export type RecordState = 'waiting' | 'pending' | 'answered' | 'dead';

/** One record as `queue peek` shows it. */
export interface RecordPreview {
  readonly jobName: string;
  readonly id: string;
  readonly state: RecordState;
  readonly uri?: string;
  /** Set while it is pending. */
  readonly pending?: PendingRecord;
  /** Set when it is dead. */
  readonly dead?: DeadLetter;
  /** Of the payload as it is stored. */
  readonly bytes: number;
  readonly inputs: readonly InputPreview[];
  /** Why the payload as a whole cannot be decoded. */
  readonly error?: string;
}

/** What a change asked for, and what became of each record. */
export interface ChangeReport {
  readonly jobName: string;
  readonly done: number;
  readonly refused: readonly { readonly id: string; readonly why: string }[];
  /** How it is taken back; absent where it cannot be, as in Kafka. */
  readonly undo?: Undo;
}

/** What `queue undo` takes a change back with: it is a part of the report of the change. */
export interface Undo {
  readonly change: 'requeue' | 'kill';
  readonly records: readonly MovedRecord[];
}

/** A record that was moved. */
export interface MovedRecord {
  /** Where it is now: its id in the queue, or among the dead letters. */
  readonly id: string;
  /** Of a letter that was put back: what it had beside the record, as names and values in turn. */
  readonly words?: readonly string[];
  /** Of a letter that was put back: whether its client had not yet read the NaN. */
  readonly hadNaN?: boolean;
}

/** The name of an input that was given none: a model with one input takes any name for it. */
export const anyInputName = 'input';
