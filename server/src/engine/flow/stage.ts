import type { QueuedRecord, RecordQueue } from '../../queue/recordQueue.ts';
import type { Clock } from '../clock.ts';
import type { DecodedRecord, Later } from '../records/decodeRecord.ts';
import type { Generation } from './generation.ts';
import type { Item, Source } from '../records/item.ts';
import type { Log } from '../log.ts';
import { createQueueSource } from '../queueSource.ts';
import type { RequestSide } from './requests.ts';
import { createRuns, type Runs } from './runs.ts';
import type { Statistics } from '../statistics.ts';
import type { Writer } from './writer.ts';

/** A generation at work: what it is given it answers, also after another one has taken its place. */
export interface Stage {
  readonly generation: Generation;
  readonly runs: Runs;
  /** Decodes a record and gives it to the runs. @throws the reason for its dead letter, or rejects with it */
  accept(record: QueuedRecord): Later<void>;
  /** Present where it takes requests. */
  readonly requests: RequestSide | undefined;
  /** No more comes. Resolves when all that came is answered. */
  retire(): Promise<void>;
}

export interface StageOptions {
  readonly generation: Generation;
  readonly queue: Pick<RecordQueue, 'noteRunning'>;
  /** Records that are in a model, of this stage or another. */
  readonly inModel: Set<QueuedRecord>;
  readonly writer: Writer;
  readonly statistics: Statistics;
  readonly clock: Clock;
  readonly log: Log;
  readonly onFatal: (error: unknown) => void;
}

export function createStage(options: StageOptions): Stage {
  const { generation, writer, clock } = options;
  const runs = createRuns({ ...options, ...generation, takesRequests: generation.requests !== undefined });
  const records = leavingAfter(createQueueSource(writer, generation.encode, clock), leave);
  /** Records and requests that are decoded or answered by it. */
  let uses = 0;
  let onIdle: (() => void) | undefined;

  function enter(): void {
    uses += 1;
  }

  function leave(): void {
    uses -= 1;
    if (uses === 0) onIdle?.();
  }

  function add(record: QueuedRecord, decoded: DecodedRecord): void {
    const { rows, key } = decoded;
    runs.add({ source: records, record, decoded, rows, key, times: record.times });
  }

  function accept(record: QueuedRecord): Later<void> {
    enter();
    try {
      const decoded = generation.decode(record);
      if (!(decoded instanceof Promise)) {
        add(record, decoded);
        return undefined;
      }
      return decoded.then(
        (later) => add(record, later),
        (error: unknown) => {
          leave();
          throw error;
        },
      );
    } catch (error) {
      leave();
      throw error;
    }
  }

  return {
    generation,
    runs,
    accept,
    requests: generation.requests && {
      ...generation.requests,
      enter,
      leave,
      add: (item: Item) => runs.add(item),
    },
    async retire() {
      runs.stop();
      runs.pump();
      if (uses > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    },
  };
}

/** A source that reports the end of each item. */
function leavingAfter(source: Source, leave: () => void): Source {
  return {
    isOver: (item) => source.isOver(item),
    skip(item) {
      source.skip(item);
      leave();
    },
    // What cannot be answered with is given up then.
    answer(item, outputs) {
      source.answer(item, outputs);
      leave();
    },
    giveUp(item, error) {
      source.giveUp(item, error);
      leave();
    },
  };
}
