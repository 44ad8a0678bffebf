import { ServingError } from '../../../../schemas/errors.ts';
import type { ReloadReport } from '../../../../schemas/jobEvents.ts';
import type { Choice } from '../../../../schemas/rollout.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import type { Wording } from '../routes/exampleInstance.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import type { JobWatch } from '../watch/jobWatch.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Prediction } from '../../ask/prediction.ts';
import type { Asked } from '../predict/predictor.ts';
import type { Reach, WorkerInferences } from '../reach/reach.ts';
import type { Check } from '../watch/readiness.ts';
import type { ServableFacts } from './servableFacts.ts';
import type { ModelFacts } from '../../ask/prepare.ts';
import type { TokenBucket } from '../tokenBucket.ts';

/** One model that can be asked: the job behind it, and how to reach it. */
export interface Servable {
  readonly facts: ServableFacts;
  /** Present when the rate is limited. */
  readonly bucket: TokenBucket | undefined;
  readonly watch: JobWatch;
  /** As `Reach` has it. */
  labels(choice?: Choice): Readonly<Record<string, readonly string[]>>;
  /** As `Reach` has it. */
  model(choice?: Choice): ModelFacts | undefined;
  checks(): readonly Check[];
  /** As `Reach` has it. */
  reload(): Promise<readonly ReloadReport[]>;
  /** As `Reach` has it. */
  inferences(): readonly WorkerInferences[];
  /** Why it cannot be asked at all now, if so. */
  refusal(): string | undefined;
  /** Refuses at once what could not be answered soon. @throws HttpError "not-ready", "busy" */
  requireReady(): void;
  /** The same error with the form of a right body, if the sender can correct it. */
  explain(error: unknown, wording: Wording): unknown;
  /** @param text  the JSON that a single record was read from, if it was
   *  @returns the prediction of each record, in order. @throws ServingError, HttpError "deadline-exceeded" */
  predict(records: readonly RecordInputs[], asker: Asker, text?: string): Promise<readonly Prediction[]>;
}

/** Who waits for a prediction. */
export interface Asker {
  /** What the records are called in the queue, followed by `-i` where there are several. */
  readonly uri: string;
  /** In ms, by the monotonic clock. */
  readonly deadline: number;
  /** The trace that the request names, if it does. */
  readonly traceparent: string | undefined;
  /** Of the version that answers, where two are served. */
  choice: Choice;
  /** How the asker's protocol is spoken of when something is wrong. */
  readonly wording: Wording;
  /** Set by `predict`: ends the wait and takes back what no worker has been given yet. */
  hangUp?: () => void;
}

export interface ServableOptions {
  readonly facts: ServableFacts;
  readonly bucket: TokenBucket | undefined;
  readonly watch: JobWatch;
  readonly reach: Reach;
  readonly metrics: Metrics;
  readonly maxBacklog: number;
}

/** Longer texts are never kept beside what was read from them. */
export const maxTextLength = 1_024;

export function createServable(options: ServableOptions): Servable {
  const { facts, reach, metrics } = options;

  function explain(error: unknown, wording: Wording): unknown {
    if (!(error instanceof ServingError) || !isAboutInput(error)) return error;
    const form = wording.form(reach.model());
    return new ServingError(error.code, `${error.message.replace(/\.$/, '')}. The form is ${form}`, {
      cause: error,
    });
  }

  /** @throws what `Reach.ask` throws, with the form of a right body */
  async function begin(
    records: readonly RecordInputs[],
    asker: Asker,
    text?: string,
  ): Promise<readonly Asked[]> {
    const { uri, deadline, traceparent, choice, wording } = asker;
    const isOnly = records.length === 1;
    const sent = records.map((inputs, i) => ({
      uri: isOnly ? uri : `${uri}-${i}`,
      place: wording.place(i),
      inputs,
    }));
    try {
      return await reach.ask(sent, {
        deadline,
        traceparent,
        choice,
        text: isOnly ? text : undefined,
      });
    } catch (error) {
      throw explain(error, wording);
    }
  }

  async function predictionsOf(asked: readonly Asked[], asker: Asker): Promise<readonly Prediction[]> {
    const start = performance.now();
    asker.hangUp = () => {
      for (const { hangUp } of asked) hangUp();
    };
    const waits = asked.map(({ prediction }) => prediction);
    const predictions = waits.length === 1 ? [await waits[0]] : await Promise.all(waits);
    metrics.timers.wait.add(performance.now() - start);
    return predictions.map((prediction) => {
      if (prediction !== undefined) return prediction;
      asker.hangUp?.();
      throw new HttpError('deadline-exceeded', 'The prediction was not ready in time.');
    });
  }

  return {
    facts,
    bucket: options.bucket,
    watch: options.watch,
    model: (choice) => reach.model(choice),
    labels: (choice) => reach.labels(choice),
    checks: () => reach.checks(),
    reload: () => reach.reload(),
    inferences: () => reach.inferences(),
    refusal: () => reach.refusal(),
    requireReady() {
      const refusal = reach.refusal();
      if (refusal !== undefined) throw new HttpError('not-ready', refusal, retryAfter);
      const waiting = reach.waiting();
      if (waiting > options.maxBacklog)
        throw new HttpError('busy', `${waiting} records wait already.`, retryAfter);
    },
    explain,
    async predict(records, asker, text) {
      const start = performance.now();
      const predictions = await predictionsOf(await begin(records, asker, text), asker);
      metrics.timers.predict.add(performance.now() - start);
      return predictions;
    },
  };
}

/** Whether the sender of the request can correct it. */
export function isAboutInput(error: ServingError): boolean {
  return error.code === 'record-undecodable' || error.code === 'input-mismatch';
}
