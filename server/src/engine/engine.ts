import { messageOf } from '../../../schemas/errors.ts';
import type { Sharing } from '../model/sharing.ts';
import type { QueuedRecord, RecordQueue } from '../queue/recordQueue.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Generation } from './flow/generation.ts';
import { createIntake } from './flow/intake.ts';
import { createRequests, type RequestSide, type Requests } from './flow/requests.ts';
import { createStage, type Stage } from './flow/stage.ts';
import type { Log } from './log.ts';
import type { Statistics } from './statistics.ts';
import type { Tracing } from '../tracing/spans.ts';
import { createWriter } from './flow/writer.ts';

/** With the generation that it begins with. */
export interface EngineOptions extends Generation {
  readonly queue: RecordQueue;
  readonly statistics: Statistics;
  readonly log: Log;
  readonly clock?: Clock;
  /** Where traces are exported. */
  readonly tracing?: Tracing | undefined;
}

export interface Engine {
  /** Serves until `stop`; resolves when everything in flight is answered.
   *  @param requestsEnd  resolves when no more requests come */
  run(requestsEnd?: Promise<unknown>): Promise<void>;
  /** From this call on, what comes is answered by another generation; either both take requests or neither does. Resolves when
   *  all that the old one had is answered: then its model may go. */
  exchange(next: Generation): Promise<void>;
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
  const { queue, log, clock = systemClock() } = options;
  const { statistics, tracing } = options;
  const parts = { queue, statistics, log, clock, tracing };
  const inModel = new Set<QueuedRecord>();
  const onFatal = (error: unknown) => {
    intake.fail(error);
    wakeQueue();
  };
  const wakeQueue = () => {
    queue
      .wake()
      .catch((error: unknown) => log.warn(`The waiting read could not be woken: ${messageOf(error)}`));
  };
  const stageOf = (generation: Generation) => createStage({ ...parts, generation, writer, inModel, onFatal });
  const writer = createWriter({ ...parts, onWritten: (records) => intake.written(records), onFatal });
  let stage = stageOf(options);
  let stopping = false;
  /** Those that answer what they have, and get no more. */
  const retiring = new Set<Stage>();
  const pump = () => {
    stage.runs.pump();
    for (const one of retiring) one.runs.pump();
  };
  const requests =
    options.requests && createRequests({ ...parts, side: () => stage.requests as RequestSide, pump });
  const intake = createIntake({ ...parts, stage: () => stage, writer, pump, others: requests });
  return {
    get inFlight() {
      return intake.inFlight + (requests?.inFlight ?? 0);
    },
    get sharing() {
      return stage.runs.sharing;
    },
    requests,
    async run(requestsEnd) {
      await intake.run();
      pump();
      await intake.drained();
      await intake.unlessFailed(requestsEnd);
      await requests?.drained();
    },
    async exchange(next) {
      const old = stage;
      stage = stageOf(next);
      if (stopping) stage.runs.stop();
      retiring.add(old);
      await old.retire();
      retiring.delete(old);
    },
    stop() {
      stopping = true;
      stage.runs.stop();
      intake.stop();
      wakeQueue();
    },
    abort(error) {
      for (const one of [stage, ...retiring]) one.runs.abort();
      requests?.abort(error);
      onFatal(error);
    },
  };
}
