import { contentOf, originalContent, type Content } from '../../ask/content.ts';
import { encryptImages, type EncryptImage } from '../../ask/encryptImages.ts';
import { prepare, type ModelFacts } from '../../ask/prepare.ts';
import { isTypedModel } from '../../ask/shares.ts';
import type { Predictor, Question } from '../predict/predictor.ts';
import type { JobWatch } from '../watch/jobWatch.ts';
import { blockerIn, checkJob } from '../watch/readiness.ts';
import type { AskOptions, Reach, SentRecord } from './reach.ts';

export interface QueueReachOptions {
  /** The stream. */
  readonly jobName: string;
  readonly watch: JobWatch;
  readonly predictor: Predictor;
  /** As `Reach` has it. */
  readonly reload: Reach['reload'];
  readonly unregisteredWorkers: boolean;
  /** The images of records are encrypted, whether or not a worker says so. */
  readonly recordsEncrypted: boolean;
  /** What encrypts them. @throws ServingError "redis-…" */
  readonly encryption: () => Promise<EncryptImage>;
}

/** Reaches the workers of a job, wherever they are, through the job's queue in Redis. */
export function createQueueReach(options: QueueReachOptions): Reach {
  const { jobName, watch, predictor } = options;

  function questionOf(
    { uri, place, inputs }: SentRecord,
    { deadline, traceparent, text }: AskOptions,
    encrypt: EncryptImage | undefined,
  ): Question {
    const model = watch.readyWorker(jobName);
    return {
      uri,
      deadline,
      traceparent,
      ...(model ? known(place, inputs, model, encrypt) : unknown(inputs, encrypt, text)),
    };
  }

  async function encryptor(): Promise<EncryptImage | undefined> {
    const worker = watch.readyWorker(jobName);
    const isEncrypted = worker ? worker.recordsEncrypted === true : options.recordsEncrypted;
    return isEncrypted ? options.encryption() : undefined;
  }

  function known(
    place: string,
    inputs: SentRecord['inputs'],
    model: ModelFacts,
    encrypt: EncryptImage | undefined,
  ): Pick<Question, 'content' | 'share'> {
    const prepared = prepare(place, inputs, model, encrypt);
    const typed = isTypedModel(model);
    // What the form cannot carry is to be refused now, not when the record is written.
    const content = prepared.share ? undefined : contentOf(prepared, typed);
    return { share: prepared.share, content: () => content ?? contentOf(prepared, typed) };
  }

  return {
    model: () => watch.readyWorker(jobName),
    labels: () =>
      watch.job(jobName)?.workers.find(({ registration }) => registration.labels)?.registration.labels ?? {},
    checks: () => checkJob(watch, jobName, options.unregisteredWorkers),
    refusal() {
      if (options.unregisteredWorkers || watch.readyWorker(jobName)) return undefined;
      return blockerIn(checkJob(watch, jobName, false))?.detail ?? `The job ${jobName} is not ready.`;
    },
    reload: options.reload,
    inferences: () =>
      (watch.job(jobName)?.workers ?? []).flatMap(({ heartbeat }) =>
        heartbeat?.inferences && heartbeat.durations
          ? { ...heartbeat.inferences, queueWait: heartbeat.durations.queueWait }
          : [],
      ),
    waiting: () => watch.figures(jobName)?.waiting ?? 0,
    async ask(records, request) {
      const encrypt = await encryptor();
      return records
        .map((record) => questionOf(record, request, encrypt))
        .map((question) => predictor.ask(question));
    },
  };
}

/** For workers that do not say what their model takes, the record goes as it came. */
function unknown(
  inputs: SentRecord['inputs'],
  encrypt: EncryptImage | undefined,
  text: string | undefined,
): Pick<Question, 'content' | 'share'> {
  const sent = encrypt ? encryptImages(inputs, encrypt) : inputs;
  const content: Content =
    text === undefined || sent !== inputs ? originalContent(sent) : { data: text, serde: 'stream' };
  return { share: undefined, content: () => content };
}
