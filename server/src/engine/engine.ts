import { messageOf } from '../../../schemas/errors.ts';
import type { Model } from '../model/model.ts';
import type { Sharing } from '../model/sharing.ts';
import type { QueuedRecord, RecordQueue } from '../queue/recordQueue.ts';
import { systemClock, type Clock } from './clock.ts';
import type { DecodedRecord, Later } from './decodeRecord.ts';
import type { Encoder } from './encodeOutputs.ts';
import { createIntake } from './intake.ts';
import type { Log } from './log.ts';
import { createRuns } from './runs.ts';
import type { Statistics } from './statistics.ts';
import { createWriter } from './writer.ts';

export interface EngineOptions {
  readonly queue: RecordQueue;
  readonly model: Model;
  /** A record's payload, fitted to the model. @throws ServingError with the reason for its dead letter */
  readonly decode: (record: QueuedRecord) => Later<DecodedRecord>;
  readonly encode: Encoder;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxDeliveries: number;
  readonly statistics: Statistics;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface Engine {
  /** Serves until `stop`; resolves when everything in flight is answered. */
  run(): Promise<void>;
  /** Stops taking. */
  stop(): void;
  readonly inFlight: number;
  /** Not shared any more once a check has found a difference. */
  readonly sharing: Sharing;
}

/** take → decode → batch → run → encode → finish. Everything overlaps: the next take runs while the model does, answers
 *  are written while the next batch is decoded, and whatever came together in the meantime goes together. */
export function createEngine(options: EngineOptions): Engine {
  const { queue, model, log, clock = systemClock() } = options;
  const parts = { ...options, clock };
  const onFatal = (error: unknown) => {
    intake.fail(error);
    wakeQueue();
  };
  const wakeQueue = () => {
    queue
      .wake()
      .catch((error: unknown) => log.warn(`The waiting read could not be woken: ${messageOf(error)}`));
  };
  const writer = createWriter({ ...parts, onWritten: (records) => intake.written(records), onFatal });
  const runs = createRuns({ ...parts, writer, onFatal });
  const intake = createIntake({
    ...parts,
    writer,
    slots: () => model.slots,
    onDecoded: (item) => runs.add(item),
    pump: () => runs.pump(),
  });
  return {
    get inFlight() {
      return intake.inFlight;
    },
    get sharing() {
      return runs.sharing;
    },
    async run() {
      await intake.run();
      runs.pump();
      await intake.drained();
    },
    stop() {
      runs.stop();
      intake.stop();
      wakeQueue();
    },
  };
}
