import type { Choice } from '../../../../schemas/rollout.ts';
import { isInShare } from '../../../../schemas/rolloutShare.ts';
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
    { deadline, traceparent, text, choice }: AskOptions,
    encrypt: EncryptImage | undefined,
  ): Question {
    const model = modelOf(choice);
    return {
      uri,
      deadline,
      traceparent,
      // The worker is to choose what the answer names, whatever changes meanwhile.
      version: isDivided(model) ? model.version : undefined,
      ...(model ? known(place, inputs, model, encrypt) : unknown(inputs, encrypt, text)),
    };
  }

  /** Of the version that is chosen, where all workers serve two. Both take and answer the same. */
  function modelOf({ name, version }: Choice): ModelFacts | undefined {
    const model = watch.readyWorker(jobName);
    if (!isDivided(model)) return model;
    const { rollout } = model;
    const isNext = version === undefined ? isInShare(name, rollout.percent) : version === rollout.version;
    return isNext ? { ...model, version: rollout.version } : model;
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
    model: (choice) => (choice ? modelOf(choice) : watch.readyWorker(jobName)),
    labels(choice) {
      // Workers register the names of classes of the version that is not in a rollout.
      if (choice && modelOf(choice)?.version !== watch.readyWorker(jobName)?.version) return {};
      return (
        watch.job(jobName)?.workers.find(({ registration }) => registration.labels)?.registration.labels ?? {}
      );
    },
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

function isDivided(
  model: ModelFacts | undefined,
): model is ModelFacts & { readonly rollout: NonNullable<ModelFacts['rollout']> } {
  return model?.rollout !== undefined && !model.rollout.isShadow;
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
