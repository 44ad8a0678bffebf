import type { QueuedRecord, RecordQueue } from '../../queue/recordQueue.ts';
import type { Clock } from '../clock.ts';
import type { DecodedRecord, Later } from '../records/decodeRecord.ts';
import type { Generation } from './generation.ts';
import { choiceOf, sharedBy, type Item, type Source } from '../records/item.ts';
import type { Log } from '../log.ts';
import { createQueueSource } from '../queueSource.ts';
import type { RequestSide } from './requests.ts';
import { createRuns, type Runs } from './runs.ts';
import type { Shadow } from './shadow.ts';
import type { Statistics } from '../statistics.ts';
import { createVersionCounter, type VersionCounter } from './versionFigures.ts';
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
  /** What it has done since `restart`. */
  readonly counter: VersionCounter;
  /** Counts from nothing. */
  restart(): void;
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
  /** What sees all that the model is given, if something does. */
  readonly shadow: () => Shadow | undefined;
}

export function createStage(options: StageOptions): Stage {
  const { generation, writer, clock, shadow } = options;
  const runs = createRuns({
    ...options,
    ...generation,
    hasOthers: () => generation.requests !== undefined || shadow() !== undefined,
    onRun: (ms) => counter.ran(ms),
  });
  const records = leavingAfter(createQueueSource(writer, generation.encode, clock), leave);
  let counter = createVersionCounter();
  /** Records and requests that are decoded or answered by it. */
  let uses = 0;
  let onIdle: (() => void) | undefined;

  function enter(): void {
    uses += 1;
  }

  function leave(outcome?: Outcome): void {
    if (outcome === 'failed') counter.failed();
    else if (outcome !== undefined) counter.answered(outcome.answered);
    uses -= 1;
    if (uses === 0) onIdle?.();
  }

  function give(item: Item): void {
    // A suspect is to be run while nothing else is.
    if (item.record?.alone !== true) shadow()?.see(item.name, item.decoded.instances);
    runs.add(item);
  }

  function add(record: QueuedRecord, decoded: DecodedRecord): void {
    const { rows, key } = decoded;
    give({ source: records, name: choiceOf(record).name, record, decoded, rows, key, times: record.times });
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
          leave('failed');
          throw error;
        },
      );
    } catch (error) {
      leave('failed');
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
      add: give,
    },
    async retire() {
      runs.stop();
      runs.pump();
      if (uses > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    },
    get counter() {
      return counter;
    },
    restart() {
      counter = createVersionCounter();
    },
  };
}

/** How many records or requests were answered, or that one was given up. */
type Outcome = { readonly answered: number } | 'failed';

/** A source that reports the end of each item. */
function leavingAfter(source: Source, leave: (outcome?: Outcome) => void): Source {
  return {
    isOver: (item) => source.isOver(item),
    skip(item) {
      source.skip(item);
      leave();
    },
    // What cannot be answered with is given up then.
    answer(item, outputs) {
      source.answer(item, outputs);
      leave({ answered: sharedBy(item) });
    },
    giveUp(item, error) {
      source.giveUp(item, error);
      leave('failed');
    },
  };
}
