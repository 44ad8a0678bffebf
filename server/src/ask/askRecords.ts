import { ServingError } from '../../../schemas/errors.ts';
import type { Registration } from '../../../schemas/jobEvents.ts';
import { unanswerable } from '../../../schemas/redis/redisKeys.ts';
import { shellWord } from '../../../schemas/programs/shellWord.ts';
import type { ModelOfJob } from '../queue/registry/jobReports.ts';
import type { Store } from '../queue/store.ts';
import type { RecordInputs } from '../tensor/tensor.ts';
import { contentOf, originalContent, type Content } from './content.ts';
import { createImageEncryption, type EncryptImage } from './encryptImages.ts';
import { lateOutcome, outcomeOf, refusal, type Outcome } from './outcome.ts';
import { prepare } from './prepare.ts';
import type { Question } from './questions.ts';
import { isTypedModel } from './shares.ts';

interface Asked {
  readonly store: Pick<Store, 'registry' | 'queues' | 'records' | 'secrets'>;
  readonly jobName: string;
}

export interface AskOptions {
  /** How long the results are waited for. */
  readonly timeoutMs: number;
  /** Whether it can be seen from here that the process of a worker has gone. */
  readonly isGone: (registration: Registration) => boolean;
}

export interface Answered {
  readonly question: Question;
  readonly outcome: Outcome;
}

export interface Answers {
  /** In the order of the questions. */
  readonly answers: readonly Answered[];
  readonly summary: {
    readonly records: number;
    readonly failed: number;
    readonly seconds: number;
    readonly recordsPerSecond: number;
  };
}

/** Sends records through a job's queue and waits for their results. A record that does not fit the model is not sent, and
 *  one that no worker has taken in time is taken back.
 *  @throws ServingError "job-failed" if no worker serves the job; then nothing was sent */
export async function askRecords(
  asked: Asked,
  questions: readonly Question[],
  options: AskOptions,
): Promise<Answers> {
  const { store, jobName } = asked;
  const { records: client } = store;
  const began = performance.now();
  const model = await store.registry.readModel(jobName);
  const encrypt = model?.recordsEncrypted
    ? await createImageEncryption(() => store.secrets.readSecret('record'))()
    : undefined;
  const outcomes = new Map<string, Outcome>();
  const records = questions.flatMap(({ name, uri, inputs }) => {
    try {
      return [{ uri, ...toContent(name, inputs, model, encrypt) }];
    } catch (error) {
      outcomes.set(uri, refusal(error));
      return [];
    }
  });
  await requireWorker(asked, options.isGone);
  const ids = await client.putRecords(jobName, records);
  const uris = records.map(({ uri }) => uri);
  const results = await client.takeResults(jobName, uris, options.timeoutMs);
  // Their results are no longer awaited.
  await client.takeBackRecords(
    jobName,
    ids.filter((_, i) => !results.has(uris[i] ?? '')),
  );
  const someFailed = [...results.values()].includes(unanswerable);
  const reasons = someFailed ? await client.readReasons(jobName) : new Map<string, string>();
  for (const uri of uris) outcomes.set(uri, outcomeOf(results.get(uri), reasons.get(uri)));
  const seconds = (performance.now() - began) / 1000;

  const answers = questions.map((question) => ({
    question,
    outcome: outcomes.get(question.uri) ?? lateOutcome,
  }));
  const summary = {
    records: questions.length,
    failed: answers.filter(({ outcome }) => 'error' in outcome).length,
    seconds: Number(seconds.toFixed(4)),
    recordsPerSecond: Math.round(questions.length / seconds),
  };
  return { answers, summary };
}

/** A job without workers would never answer. The user's jar on Flink does not report its workers.
 *  @throws ServingError "job-failed" */
async function requireWorker({ store, jobName }: Asked, isGone: AskOptions['isGone']): Promise<void> {
  const job = (await store.registry.readJobReports('', isGone)).find((each) => each.jobName === jobName);
  const isServed =
    job?.workers.some(({ heartbeat }) => heartbeat !== undefined) === true ||
    job?.flinkJobs?.some(({ jar }) => jar !== undefined) === true;
  if (isServed || (await store.queues.hasForeignConsumer(jobName))) return;
  if (job?.needs) throw new ServingError(job.needs.code, `Nothing was sent. ${job.needs.message}`);
  throw new ServingError(
    'job-failed',
    `No worker serves "${jobName}", so nothing was sent. Start it with "cluster-serving start", or see "cluster-serving status ${shellWord(jobName)}".`,
  );
}

function toContent(
  name: string,
  inputs: RecordInputs,
  model: ModelOfJob | undefined,
  encrypt: EncryptImage | undefined,
): Content {
  if (!model) return originalContent(inputs);
  return contentOf(prepare(name, inputs, model, encrypt), isTypedModel(model));
}
