import { messageOf } from '../../../schemas/errors.ts';
import type { Choice } from '../../../schemas/rollout.ts';
import type { Sharing } from '../model/sharing.ts';
import type { QueuedRecord, RecordQueue } from '../queue/recordQueue.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Generation } from './flow/generation.ts';
import { createIntake } from './flow/intake.ts';
import { createRequests, type RequestSide, type Requests } from './flow/requests.ts';
import type { Shadow } from './flow/shadow.ts';
import { createStage, type Stage } from './flow/stage.ts';
import type { VersionCounter } from './flow/versionFigures.ts';
import type { Log } from './log.ts';
import { choiceOf } from './records/item.ts';
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

/** A second generation that answers a share of what comes. */
export interface Beside {
  readonly generation: Generation;
  /** Whether it answers what has this name. */
  readonly takes: (name: string) => boolean;
}

export interface Engine {
  /** Serves until `stop`; resolves when everything in flight is answered.
   *  @param requestsEnd  resolves when no more requests come */
  run(requestsEnd?: Promise<unknown>): Promise<void>;
  /** From this call on, what comes is answered by another generation; either both take requests or neither does. Resolves when
   *  all that the old one had is answered: then its model may go. The generation beside may be the next: then it is beside no
   *  longer, and goes on with what it has. */
  exchange(next: Generation): Promise<void>;
  /** From this call on, another generation answers a share of what comes beside this one; the figures of both begin at nothing. */
  divide(beside: Beside): void;
  /** From this call on, one generation answers all again. Resolves when all that the other one had is answered. */
  unite(): Promise<void>;
  /** Lets this see all that the model is given, or nothing any more. */
  shade(shadow: Shadow | undefined): void;
  /** Whether the generation beside answers what is chosen so. */
  isBeside(choice: Choice): boolean;
  /** What both have done since `divide`. */
  readonly counters: { readonly served: VersionCounter; readonly next: VersionCounter } | undefined;
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
  let shadow: Shadow | undefined;
  const createStageOf = (generation: Generation) =>
    createStage({ ...parts, generation, writer, inModel, onFatal, shadow: () => shadow });
  const writer = createWriter({ ...parts, onWritten: (records) => intake.written(records), onFatal });
  let stage = createStageOf(options);
  let beside: (Pick<Beside, 'takes'> & { readonly stage: Stage }) | undefined;
  let stopping = false;
  /** Those that answer what they have, and get no more. */
  const retiring = new Set<Stage>();
  const stages = () => [stage, ...(beside ? [beside.stage] : []), ...retiring];
  const pump = () => {
    stage.runs.pump();
    beside?.stage.runs.pump();
    for (const one of retiring) one.runs.pump();
  };
  const isBeside = ({ name, version }: Choice) => {
    if (!beside) return false;
    return version === undefined ? beside.takes(name) : version === beside.stage.generation.version;
  };
  const stageOf = (choice: Choice) => (beside && isBeside(choice) ? beside.stage : stage);
  const side = (choice: Choice) => stageOf(choice).requests as RequestSide;
  const requests = options.requests && createRequests({ ...parts, side, pump });
  const others = {
    async pause() {
      await Promise.all([requests?.pause(), shadow?.pause()]);
    },
    resume() {
      requests?.resume();
      shadow?.resume();
    },
  };
  const intake = createIntake({
    ...parts,
    stageOf: (record) => (beside ? stageOf(choiceOf(record)) : stage),
    generation: () => stage.generation,
    writer,
    pump,
    others,
  });

  function begin(generation: Generation): Stage {
    const made = createStageOf(generation);
    if (stopping) made.runs.stop();
    return made;
  }

  async function retire(old: Stage): Promise<void> {
    retiring.add(old);
    await old.retire();
    retiring.delete(old);
  }

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
      if (beside?.stage.generation === next) {
        ({ stage } = beside);
        beside = undefined;
      } else stage = begin(next);
      await retire(old);
    },
    divide({ generation, takes }) {
      stage.restart();
      if (beside?.stage.generation === generation) beside.stage.restart();
      beside = { takes, stage: beside?.stage.generation === generation ? beside.stage : begin(generation) };
    },
    async unite() {
      const old = beside?.stage;
      beside = undefined;
      if (old) await retire(old);
    },
    shade(next) {
      shadow = next;
    },
    isBeside,
    get counters() {
      return beside && { served: stage.counter, next: beside.stage.counter };
    },
    stop() {
      stopping = true;
      for (const one of stages()) one.runs.stop();
      intake.stop();
      wakeQueue();
    },
    abort(error) {
      for (const one of stages()) one.runs.abort();
      requests?.abort(error);
      onFatal(error);
    },
  };
}
