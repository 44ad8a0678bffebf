import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redisKeys.ts';
import { shellWord } from '../../../schemas/shellWord.ts';
import { contentOf, originalContent, type Content } from '../ask/content.ts';
import { createImageEncryption, type EncryptImage } from '../ask/encryptImages.ts';
import { failureOf, predictionOf, type Prediction } from '../ask/prediction.ts';
import { prepare } from '../ask/prepare.ts';
import { isTypedModel } from '../ask/shares.ts';
import { elementsOf } from '../inspect/elementsOf.ts';
import type { OpenQueue } from '../jobs/openQueue.ts';
import { isGone } from '../jobs/backends.ts';
import {
  hasForeignConsumer,
  readJobReports,
  readModel,
  type ModelOfJob,
} from '../queue/registry/jobReports.ts';
import type { Payload } from '../queue/payload.ts';
import { readSecret } from '../queue/secrets.ts';
import { putRecords, readReasons, takeBackRecords, takeResults } from '../queue/recordClient.ts';
import type { RecordInputs, Tensor } from '../tensor/tensor.ts';
import { paint, print, printJson, type JsonOption } from './output.ts';

/** A record to be predicted. */
export interface Question {
  readonly name: string;
  readonly uri: string;
  readonly inputs: RecordInputs;
}

/** What became of a question: its prediction, or why it has none. */
type Outcome = { readonly prediction: Prediction } | { readonly error: string; readonly reason?: string };

/** Sends records through a job's queue and prints the results. A record that does not fit the model is not sent.
 *  @returns the exit code: 1 if one has no prediction */
export async function askAndPrint(
  { redis, jobName }: Pick<OpenQueue, 'redis' | 'jobName'>,
  questions: readonly Question[],
  options: JsonOption & { readonly timeout: number },
): Promise<number> {
  const began = performance.now();
  const model = await readModel(redis, jobName);
  const encrypt = model?.recordsEncrypted
    ? await createImageEncryption(() => readSecret(redis, 'record'))()
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
  await requireWorker({ redis, jobName });
  const ids = await putRecords(redis, jobName, records);
  const uris = records.map(({ uri }) => uri);
  const results = await takeResults(redis, jobName, uris, options.timeout * 1000);
  // Their results are no longer awaited.
  await takeBackRecords(
    redis,
    jobName,
    ids.filter((_, i) => !results.has(uris[i] ?? '')),
  );
  const someFailed = [...results.values()].includes(unanswerable);
  const reasons = someFailed ? await readReasons(redis, jobName) : new Map<string, string>();
  for (const uri of uris) outcomes.set(uri, outcomeOf(results.get(uri), reasons.get(uri)));
  const seconds = (performance.now() - began) / 1000;

  let failed = 0;
  for (const { name, uri } of questions) {
    const outcome = outcomes.get(uri) ?? { error: 'no result in time' };
    if ('error' in outcome) failed += 1;
    if (options.json) printJson({ name, ...readable(outcome) });
    else print(`${name}: ${forPeople(outcome, jobName, options.timeout)}`);
  }
  const summary = {
    records: questions.length,
    failed,
    seconds: Number(seconds.toFixed(4)),
    recordsPerSecond: Math.round(questions.length / seconds),
  };
  if (options.json) printJson({ summary });
  else if (questions.length > 1)
    print(`${summary.records} records in ${summary.seconds} s (${summary.recordsPerSecond}/s)`);
  return failed > 0 ? 1 : 0;
}

/** A job without workers would never answer. The user's jar on Flink does not report its workers.
 *  @throws ServingError "job-failed" */
async function requireWorker({ redis, jobName }: Pick<OpenQueue, 'redis' | 'jobName'>): Promise<void> {
  const job = (await readJobReports(redis, '', isGone)).find((each) => each.jobName === jobName);
  const isServed =
    job?.workers.some(({ heartbeat }) => heartbeat !== undefined) === true ||
    job?.flinkJobs?.some(({ jar }) => jar !== undefined) === true;
  if (isServed || (await hasForeignConsumer(redis, jobName))) return;
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

/** What the record's sender can correct before it is sent. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof ServingError)) throw error;
  return { error: error.code, reason: error.message };
}

function outcomeOf(value: Payload | undefined, reason: string | undefined): Outcome {
  if (value === undefined) return { error: 'no result in time' };
  try {
    if (value !== unanswerable) return { prediction: predictionOf(value) };
    return reason === undefined ? { error: unanswerable } : refusal(failureOf(reason));
  } catch (error) {
    return error instanceof ServingError ? refusal(error) : { error: messageOf(error) };
  }
}

/** An outcome as JSON shows it: tensors, the filter's list, or the error with its reason. */
function readable(outcome: Outcome): Record<string, unknown> {
  if ('error' in outcome) return outcome;
  const { prediction } = outcome;
  if (typeof prediction === 'string') return { filtered: JSON.parse(prediction) as unknown };
  return { outputs: prediction.map((output) => ({ shape: output.shape, data: elementsOf(output) })) };
}

const shownValues = 10;

function forPeople(outcome: Outcome, jobName: string, seconds: number): string {
  if ('error' in outcome) {
    if (outcome.reason !== undefined) return paint('red', outcome.reason);
    if (outcome.error === unanswerable) return paint('red', "not answered; the job's log has the reason");
    return paint(
      'red',
      `no result within ${seconds} s; if no worker has it yet it was taken back. Does the job run? ("cluster-serving status ${shellWord(jobName)}")`,
    );
  }
  const { prediction } = outcome;
  return typeof prediction === 'string' ? prediction : prediction.map(outputText).join('; ');
}

function outputText(output: Tensor): string {
  const elements = elementsOf(output);
  const shown = elements.slice(0, shownValues).map(elementText).join(', ');
  const rest = elements.length > shownValues ? ', …' : '';
  const shape = `[${output.shape.join('×')}]`;
  if (output.type === 'string') return `${shape} ${shown}${rest}`;
  const best = elements.reduce<number>((at, x, i) => (Number(x) > Number(elements[at] ?? NaN) ? i : at), 0);
  const highest = elements.length > 1 ? ` highest at ${best} (${elementText(elements[best] ?? NaN)})` : '';
  return `${shape}${highest}: ${shown}${rest}`;
}

function elementText(element: number | string | boolean): string {
  if (typeof element === 'number' && !Number.isInteger(element)) return element.toPrecision(4);
  return String(element);
}
