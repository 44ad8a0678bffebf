import { ServingError } from '../../../../schemas/errors.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import { contentOf, originalContent, type Content } from '../../ask/content.ts';
import { encryptImages, type EncryptImage } from '../../ask/encryptImages.ts';
import type { Wording } from '../routes/exampleInstance.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import type { JobWatch } from '../watch/jobWatch.ts';
import type { Metrics } from '../watch/metrics.ts';
import type { Prediction } from '../../ask/prediction.ts';
import type { Predictor, Question } from '../predict/predictor.ts';
import { checkJob, type Check } from '../watch/readiness.ts';
import type { ServableFacts } from './servableFacts.ts';
import { prepare, type ModelFacts } from '../../ask/prepare.ts';
import { isTypedModel } from '../../ask/shares.ts';
import type { TokenBucket } from '../tokenBucket.ts';

/** One model that can be asked: the job behind it, and how to reach it. */
export interface Servable {
  readonly facts: ServableFacts;
  /** Present when the rate is limited. */
  readonly bucket: TokenBucket | undefined;
  readonly watch: JobWatch;
  /** Names of the classes of the model's outputs, by output. */
  labels(): Readonly<Record<string, readonly string[]>>;
  /** What is known of the model now; undefined while no worker is ready, or none reports it. */
  model(): ModelFacts | undefined;
  checks(): readonly Check[];
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
  /** The images of records are encrypted, whether or not a worker says so. */
  readonly recordsEncrypted: boolean;
  /** What encrypts them. @throws ServingError "redis-…" */
  readonly encryption: () => Promise<EncryptImage>;
}

/** Longer texts are never kept beside what was read from them. */
export const maxTextLength = 1_024;

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
    encrypt: EncryptImage | undefined,
    text?: string,
  ): readonly Question[] {
    const model = watch.readyWorker(jobName);
    return records.map((inputs, i) => ({
      uri: records.length === 1 ? uri : `${uri}-${i}`,
      deadline,
      ...(model
        ? known(wording.place(i), inputs, model, encrypt)
        : unknown(inputs, encrypt, records.length === 1 ? text : undefined)),
    }));
  }

  function known(
    where: string,
    inputs: RecordInputs,
    model: ModelFacts,
    encrypt: EncryptImage | undefined,
  ): Pick<Question, 'content' | 'share'> {
    const prepared = prepare(where, inputs, model, encrypt);
    const typed = isTypedModel(model);
    // What the form cannot carry is to be refused now, not when the record is written.
    const content = prepared.share ? undefined : contentOf(prepared, typed);
    return { share: prepared.share, content: () => content ?? contentOf(prepared, typed) };
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
    labels: () =>
      watch.job(jobName)?.workers.find(({ registration }) => registration.labels)?.registration.labels ?? {},
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
        const worker = watch.readyWorker(jobName);
        const isEncrypted = worker ? worker.recordsEncrypted === true : options.recordsEncrypted;
        questions = toQuestions(records, asker, isEncrypted ? await options.encryption() : undefined, text);
      } catch (error) {
        throw explain(error, asker.wording);
      }
      const predictions = await ask(questions, asker);
      metrics.timers.predict.add(performance.now() - start);
      return predictions;
    },
  };
}

/** Whether the sender of the request can correct it. */
export function isAboutInput(error: ServingError): boolean {
  return error.code === 'record-undecodable' || error.code === 'input-mismatch';
}

/** For workers that do not say what their model takes, the record goes as it came. */
function unknown(
  inputs: RecordInputs,
  encrypt: EncryptImage | undefined,
  text: string | undefined,
): Pick<Question, 'content' | 'share'> {
  const sent = encrypt ? encryptImages(inputs, encrypt) : inputs;
  const content: Content =
    text === undefined || sent !== inputs ? originalContent(sent) : { data: text, serde: 'stream' };
  return { share: undefined, content: () => content };
}
