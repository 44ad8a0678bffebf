import { messageOf } from '../../../schemas/errors.ts';
import type { Model } from '../model/model.ts';
import type { Sharing } from '../model/sharing.ts';
import type { QueuedRecord, RecordQueue } from '../queue/recordQueue.ts';
import { systemClock, type Clock } from './clock.ts';
import type { DecodedRecord, Later } from './records/decodeRecord.ts';
import type { Encoder } from './records/encodeOutputs.ts';
import { createIntake } from './flow/intake.ts';
import type { Log } from './log.ts';
import { createQueueSource } from './queueSource.ts';
import { createRequests, type Requests, type RequestsOptions } from './flow/requests.ts';
import { createRuns } from './flow/runs.ts';
import type { Statistics } from './statistics.ts';
import { createWriter } from './flow/writer.ts';

export interface EngineOptions {
  readonly queue: RecordQueue;
  readonly model: Model;
  /** A record's payload, fitted to the model. @throws ServingError with the reason for its dead letter */
  readonly decode: (record: QueuedRecord) => Later<DecodedRecord>;
  readonly encode: Encoder;
  /** Given where requests come to the worker beside the queue's records. */
  readonly requests?: Pick<RequestsOptions, 'decode' | 'name'> | undefined;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxDeliveries: number;
  readonly statistics: Statistics;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface Engine {
  /** Serves until `stop`; resolves when everything in flight is answered.
   *  @param requestsEnd  resolves when no more requests come */
  run(requestsEnd?: Promise<unknown>): Promise<void>;
  /** Stops taking from the queue. */
  stop(): void;
  /** The model cannot run any more: `run` ends with the error, and what is in flight stays in the queue. */
  abort(error: unknown): void;
  /** Where requests come without the queue; they may as long as `run` is not over. */
  readonly requests: Requests | undefined;
  /** Records and requests. */
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
  const pump = () => runs.pump();
  const writer = createWriter({ ...parts, onWritten: (records) => intake.written(records), onFatal });
  const runs = createRuns({ ...parts, takesRequests: options.requests !== undefined, onFatal });
  const records = createQueueSource(writer, options.encode, clock);
  const requests =
    options.requests &&
    createRequests({ ...parts, ...options.requests, add: (item) => runs.add(item), pump });
  const intake = createIntake({
    ...parts,
    writer,
    slots: () => model.slots,
    onDecoded: (record, decoded) =>
      runs.add({ source: records, record, decoded, rows: decoded.rows, key: decoded.key }),
    pump,
    others: requests,
  });
  return {
    get inFlight() {
      return intake.inFlight + (requests?.inFlight ?? 0);
    },
    get sharing() {
      return runs.sharing;
    },
    requests,
    async run(requestsEnd) {
      await intake.run();
      runs.pump();
      await intake.drained();
      await intake.unlessFailed(requestsEnd);
      await requests?.drained();
    },
    stop() {
      runs.stop();
      intake.stop();
      wakeQueue();
    },
    abort(error) {
      runs.abort();
      requests?.abort(error);
      onFatal(error);
    },
  };
}
