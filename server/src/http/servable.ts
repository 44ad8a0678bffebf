import { ServingError } from '../../../schemas/errors.ts';
import { picturesText } from '../codec/instances.ts';
import type { RecordInputs } from '../codec/tensor.ts';
import { checkInputs, type ModelFacts } from './checkInputs.ts';
import type { Wording } from './exampleInstance.ts';
import { HttpError, retryAfter } from './httpError.ts';
import type { JobWatch } from './jobWatch.ts';
import type { Metrics } from './metrics.ts';
import type { Prediction, Predictor, Question } from './predictor.ts';
import { checkJob, type Check } from './readiness.ts';
import type { ServableFacts } from './servableFacts.ts';
import { shareOf } from './sharing.ts';
import type { TokenBucket } from './tokenBucket.ts';

/** One model that can be asked: the job behind it, and how to reach it. */
export interface Servable {
  readonly facts: ServableFacts;
  /** Present when the rate is limited. */
  readonly bucket: TokenBucket | undefined;
  readonly watch: JobWatch;
  /** What is known of the model now; undefined while no worker is ready or none tells. */
  model(): ModelFacts | undefined;
  checks(): readonly Check[];
  /** Refuses at once what could not be answered soon. @throws HttpError "not-ready", "busy" */
  requireReady(): void;
  /** The same error with the form of a right body, if the sender can mend it. */
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
  /** How the asker's protocol is spoken of when something is wrong. */
  readonly wording: Wording;
  /** Set by `predict`: ends the wait and takes back what no worker has been given yet. */
  hangUp?: () => void;
}

export interface ServableOptions {
  readonly facts: ServableFacts;
  readonly bucket: TokenBucket | undefined;
  readonly watch: JobWatch;
  readonly predictor: Predictor;
  readonly metrics: Metrics;
  readonly unregisteredWorkers: boolean;
  readonly maxBacklog: number;
  /** Pictures are cipher text. */
  readonly recordsEncrypted: boolean;
}

/** The framing of an Arrow record alone has more bytes: shorter texts go as they came, which spares encoding them. */
const maxTextLength = 1_024;

export function createServable(options: ServableOptions): Servable {
  const { facts, watch, predictor, metrics, unregisteredWorkers } = options;
  const jobName = facts.redisInputQueue;

  function explain(error: unknown, wording: Wording): unknown {
    if (!(error instanceof ServingError) || !isAboutInput(error)) return error;
    const form = wording.form(watch.readyWorker(jobName));
    return new ServingError(error.code, `${error.message.replace(/\.$/, '')}. The form is ${form}`, {
      cause: error,
    });
  }

  function toQuestions(
    records: readonly RecordInputs[],
    { uri, deadline, wording }: Asker,
    text?: string,
  ): readonly Question[] {
    const model = watch.readyWorker(jobName);
    const isSingle = records.length === 1;
    return records.map((inputs, i) => {
      if (model) checkInputs(wording.place(i), inputs, model, options.recordsEncrypted);
      return {
        uri: isSingle ? uri : `${uri}-${i}`,
        inputs,
        deadline,
        share: model && shareOf(inputs, model),
        text:
          isSingle && text !== undefined && text.length <= maxTextLength
            ? text
            : model && picturesText(inputs),
      };
    });
  }

  async function ask(questions: readonly Question[], asker: Asker): Promise<readonly Prediction[]> {
    const start = performance.now();
    const asked = questions.map((question) => predictor.ask(question));
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
    watch,
    model: () => watch.readyWorker(jobName),
    checks: () => checkJob(watch, jobName, unregisteredWorkers),
    requireReady() {
      if (!unregisteredWorkers && !watch.readyWorker(jobName)) {
        const wrong = checkJob(watch, jobName, false).find(({ ok }) => !ok);
        throw new HttpError('not-ready', wrong?.detail ?? `The job ${jobName} is not ready.`, retryAfter);
      }
      const waiting = watch.figures(jobName)?.waiting ?? 0;
      if (waiting > options.maxBacklog)
        throw new HttpError('busy', `${waiting} records wait already.`, retryAfter);
    },
    explain,
    async predict(records, asker, text) {
      const start = performance.now();
      let questions: readonly Question[];
      try {
        questions = toQuestions(records, asker, text);
      } catch (error) {
        throw explain(error, asker.wording);
      }
      const predictions = await ask(questions, asker);
      metrics.timers.predict.add(performance.now() - start);
      return predictions;
    },
  };
}

/** Whether the sender of the request can mend it. */
export function isAboutInput(error: ServingError): boolean {
  return error.code === 'record-undecodable' || error.code === 'input-mismatch';
}
