import { contentOf, originalContent, type Content } from '../../ask/content.ts';
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
  readonly unregisteredWorkers: boolean;
  /** Images are cipher text. */
  readonly recordsEncrypted: boolean;
}

/** Reaches the workers of a job, wherever they are, through the job's queue in Redis. */
export function createQueueReach(options: QueueReachOptions): Reach {
  const { jobName, watch, predictor } = options;

  function questionOf(record: SentRecord, { deadline, text }: AskOptions): Question {
    const { uri, place, inputs } = record;
    const model = watch.readyWorker(jobName);
    return { uri, deadline, ...(model ? known(place, inputs, model) : unknown(inputs, text)) };
  }

  function known(
    place: string,
    inputs: SentRecord['inputs'],
    model: ModelFacts,
  ): Pick<Question, 'content' | 'share'> {
    const prepared = prepare(place, inputs, model, options.recordsEncrypted);
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
    waiting: () => watch.figures(jobName)?.waiting ?? 0,
    ask: (records, request) =>
      records.map((record) => questionOf(record, request)).map((question) => predictor.ask(question)),
  };
}

/** For workers that do not say what their model takes, the record goes as it came. */
function unknown(
  inputs: SentRecord['inputs'],
  text: string | undefined,
): Pick<Question, 'content' | 'share'> {
  const content: Content = text === undefined ? originalContent(inputs) : { data: text, serde: 'stream' };
  return { share: undefined, content: () => content };
}
