import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { Choice } from '../../../../schemas/rollout.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Clock } from '../clock.ts';
import type { CheckedInputs, DecodedRecord, Later } from '../records/decodeRecord.ts';
import type { NamedOutputs } from '../records/encodeOutputs.ts';
import type { Item, Source } from '../records/item.ts';
import type { Log } from '../log.ts';
import type { Statistics } from '../statistics.ts';
import type { Tracing } from '../../tracing/spans.ts';
import { traceRecord } from './traceRecord.ts';

/** Requests that come to the worker without a queue: they share the model with the queue's records, and each gets its answer
 *  from the run. */
export interface Requests {
  /** @param name  of the request, for the log
   *  @param deadline  in ms, by the monotonic clock */
  ask(name: string, inputs: CheckedInputs, deadline: number, more?: RequestFacts): AskedRequest;
  /** Holds back what has not begun. Resolves when nothing of it is in the model. */
  pause(): Promise<void>;
  resume(): void;
  /** Resolves when everything is answered. */
  drained(): Promise<void>;
  /** Ends all waits: nothing will be answered any more. */
  abort(error: unknown): void;
  /** Asked and not yet answered. */
  readonly inFlight: number;
  /** When one was answered last, or none waited, in ms by the monotonic clock. */
  readonly progressAt: number;
}

export interface RequestFacts {
  /** The trace that it belongs to, if it names one. */
  readonly traceparent?: string | undefined;
  /** By which a version of the model is chosen, where two are served; without it, the name. */
  readonly choice?: Choice | undefined;
}

export interface AskedRequest {
  /** undefined when there is no answer at the deadline, or after `hangUp`. Rejected with the reason why there is none. */
  readonly answer: Promise<NamedOutputs | undefined>;
  /** Its client has gone: it is left out, unless the model has it already. */
  readonly hangUp: () => void;
}

/** How a generation reads requests and words their answers. */
export interface RequestForms {
  readonly decode: (inputs: CheckedInputs) => Later<DecodedRecord>;
  readonly name: (outputs: readonly Tensor[]) => NamedOutputs;
}

/** What requests are given to. */
export interface RequestSide extends RequestForms {
  readonly add: (item: Item) => void;
  /** Each request that enters leaves once, whatever becomes of it. */
  readonly enter: () => void;
  readonly leave: (outcome?: { readonly answered: number } | 'failed') => void;
}

export interface RequestsOptions {
  /** It may be another one for each request, and stays that of the request. */
  readonly side: (choice: Choice) => RequestSide;
  readonly statistics: Statistics;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the spans of requests that belong to traces. */
  readonly tracing?: Tracing | undefined;
  readonly pump: () => void;
}

interface Request extends Item {
  readonly side: RequestSide;
  decoded: DecodedRecord;
  rows: number;
  key: string;
  /** For the log. */
  readonly title: string;
  readonly deadline: number;
  readonly traceparent: string | undefined;
  /** When it came, by the monotonic clock. */
  readonly since: number;
  readonly resolve: (answer: NamedOutputs | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A deadline is noticed within this time, in ms. */
const tickMs = 20;

export function createRequests(options: RequestsOptions): Requests {
  const { statistics, clock, log } = options;
  /** Not answered yet. */
  const waiting = new Set<Request>();
  /** Given to the runs, which give back each of them. */
  let inRuns = 0;
  let held: Request[] | undefined;
  let idle: (() => void)[] = [];
  let pumping = false;
  let cancelTick: (() => void) | undefined;
  let progressAt = clock.steadyMs();

  const source: Source = {
    isOver: (item) => !waiting.has(item as Request) || (item as Request).deadline <= clock.steadyMs(),
    skip(item) {
      expire(item as Request);
      leaveRuns(item as Request);
    },
    answer(item, outputs) {
      const request = item as Request;
      const answer = request.side.name(outputs);
      if (end(request)) {
        count(1, 0, 0);
        statistics.inferences.answered(1, clock.steadyMs() - request.since);
        traced(request);
        request.resolve(answer);
      }
      leaveRuns(request, { answered: 1 });
    },
    giveUp(item, error) {
      refuse(item as Request, error);
      leaveRuns(item as Request, 'failed');
    },
  };

  /** @returns false if it was not waiting any more */
  function end(request: Request): boolean {
    const waited = waiting.delete(request);
    if (waited) progressAt = clock.steadyMs();
    if (waiting.size === 0) stopTicking();
    return waited;
  }

  function count(processed: number, failed: number, expired: number): void {
    statistics.finished({ processed, failed, expired, shared: 0, overHttp: processed });
  }

  function expire(request: Request): void {
    if (!end(request)) return;
    count(0, 0, 1);
    request.resolve(undefined);
  }

  function refuse(request: Request, error: unknown): void {
    if (!end(request)) return;
    count(1, 1, 0);
    statistics.inferences.gaveUp(1, clock.steadyMs() - request.since);
    const isExpected = error instanceof ServingError;
    traced(request, isExpected ? error.code : 'unexpected');
    // An unexpected reason is a bug: it must not end the job, and must not be lost either.
    const facts = {
      code: isExpected ? error.code : 'unexpected',
      requestId: request.title,
      ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
    };
    if (isExpected) log.warn(`request ${request.title} given up: ${error.code}: ${error.message}`, facts);
    else log.error(`request ${request.title} given up after an unexpected error`, error, facts);
    request.reject(isExpected ? error : new ServingError('unexpected', messageOf(error), { cause: error }));
  }

  function traced({ traceparent, times, since, title }: Request, error?: string): void {
    if (!options.tracing || traceparent === undefined || !times) return;
    const arrivedAt = clock.storeMs() - (clock.steadyMs() - since);
    const attributes = { 'messaging.message.conversation_id': title };
    traceRecord(options.tracing, clock, { traceparent, times, arrivedAt, attributes, error });
  }

  function leaveRuns({ side }: Request, outcome?: Parameters<RequestSide['leave']>[0]): void {
    side.leave(outcome);
    inRuns -= 1;
    if (inRuns > 0) return;
    const calls = idle;
    idle = [];
    for (const call of calls) call();
  }

  function untilIdle(): Promise<void> {
    return inRuns === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve));
  }

  function give(request: Request): void {
    if (!waiting.has(request)) {
      request.side.leave();
      return;
    }
    if (held) {
      held.push(request);
      return;
    }
    inRuns += 1;
    request.side.add(request);
    pumpSoon();
  }

  /** Requests of one turn of the loop are to share a run. */
  function pumpSoon(): void {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      options.pump();
    });
  }

  function decode(request: Request, inputs: CheckedInputs): void {
    const failed = (error: unknown) => {
      refuse(request, error);
      request.side.leave('failed');
    };
    let decoded;
    try {
      decoded = request.side.decode(inputs);
    } catch (error) {
      failed(error);
      return;
    }
    if (decoded instanceof Promise) decoded.then((later) => fill(request, later), failed);
    else fill(request, decoded);
  }

  function fill(request: Request, decoded: DecodedRecord): void {
    request.decoded = decoded;
    request.rows = decoded.rows;
    request.key = decoded.key;
    give(request);
  }

  function tick(): void {
    const now = clock.steadyMs();
    for (const request of waiting) if (request.deadline <= now) expire(request);
    cancelTick = undefined;
    keepTicking();
  }

  function stopTicking(): void {
    cancelTick?.();
    cancelTick = undefined;
  }

  function keepTicking(): void {
    if (waiting.size > 0) cancelTick ??= clock.after(tickMs, tick);
  }

  return {
    get inFlight() {
      return waiting.size;
    },
    get progressAt() {
      return waiting.size === 0 ? clock.steadyMs() : progressAt;
    },
    ask(name, inputs, deadline, { traceparent, choice = { name } } = {}) {
      let request: Request | undefined;
      const answer = new Promise<NamedOutputs | undefined>((resolve, reject) => {
        if (waiting.size === 0) progressAt = clock.steadyMs();
        const side = options.side(choice);
        side.enter();
        request = {
          source,
          side,
          record: undefined,
          decoded: notDecoded,
          rows: 0,
          key: '',
          name: choice.name,
          title: name,
          deadline,
          traceparent,
          times: traceparent === undefined ? undefined : { takenAt: clock.steadyMs() },
          since: clock.steadyMs(),
          resolve,
          reject,
        };
        waiting.add(request);
        keepTicking();
        decode(request, inputs);
      });
      return {
        answer,
        hangUp() {
          if (request && end(request)) request.resolve(undefined);
        },
      };
    },
    pause() {
      held ??= [];
      return untilIdle();
    },
    resume() {
      const requests = held ?? [];
      held = undefined;
      for (const request of requests) give(request);
    },
    drained: untilIdle,
    abort(error) {
      for (const request of waiting) request.reject(error);
      waiting.clear();
      stopTicking();
    },
  };
}

const notDecoded: DecodedRecord = { rows: 0, strip: false, key: '', instances: [] };
