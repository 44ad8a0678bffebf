import { ServingError } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redisKeys.ts';
import { shellWord } from '../../../schemas/shellWord.ts';
import { decodeResult } from '../codec/decodeResult.ts';
import { encodeRecord } from '../codec/encodeRecord.ts';
import type { RecordInputs } from '../codec/tensor.ts';
import type { OpenQueue } from '../jobs/openQueue.ts';
import { isGone } from '../jobs/backends.ts';
import { hasForeignConsumer, readJobReports } from '../queue/jobReports.ts';
import { putRecords, readReasons, takeBackRecords, takeResults } from '../queue/recordClient.ts';
import { paint, print, printJson, type JsonOption } from './output.ts';

/** A record to be predicted. */
export interface Question {
  readonly name: string;
  readonly uri: string;
  readonly inputs: RecordInputs;
}

/** Sends records through a job's queue and prints the results.
 *  @returns the exit code: 1 if one has no prediction */
export async function askAndPrint(
  { redis, jobName }: Pick<OpenQueue, 'redis' | 'jobName'>,
  questions: readonly Question[],
  options: JsonOption & { readonly timeout: number },
): Promise<number> {
  const began = performance.now();
  const records = questions.map(({ uri, inputs }) => ({ uri, data: encodeRecord(inputs) }));
  await requireWorker({ redis, jobName });
  const ids = await putRecords(redis, jobName, records);
  const uris = questions.map(({ uri }) => uri);
  const results = await takeResults(redis, jobName, uris, options.timeout * 1000);
  // Nobody waits for them any more.
  await takeBackRecords(
    redis,
    jobName,
    ids.filter((_, i) => !results.has(uris[i] ?? '')),
  );
  const seconds = (performance.now() - began) / 1000;
  const someFailed = [...results.values()].includes(unanswerable);
  const reasons = someFailed ? await readReasons(redis, jobName) : new Map<string, string>();
  let failed = 0;
  for (const { name, uri } of questions) {
    const value = results.get(uri);
    if (value === undefined || value === unanswerable) failed += 1;
    if (options.json) printJson({ name, ...readable(value, reasons.get(uri)) });
    else print(`${name}: ${forPeople(value, jobName, options.timeout, reasons.get(uri))}`);
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

/** Whoever asks a job that nothing serves would wait for nothing. A jar of the user's on Flink does not report its workers.
 *  @throws ServingError "job-failed" */
async function requireWorker({ redis, jobName }: Pick<OpenQueue, 'redis' | 'jobName'>): Promise<void> {
  const job = (await readJobReports(redis, '', isGone)).find((each) => each.jobName === jobName);
  const isServed =
    job?.workers.some(({ heartbeat }) => heartbeat !== undefined) === true ||
    job?.flinkJobs?.some(({ jar }) => jar !== undefined) === true;
  if (isServed || (await hasForeignConsumer(redis, jobName))) return;
  throw new ServingError(
    'job-failed',
    `No worker serves "${jobName}", so nothing was sent. Start it with "cluster-serving start", or see "cluster-serving status ${shellWord(jobName)}".`,
  );
}

/** A value as JSON shows it: tensors, the filter's list, or null with the reason. */
function readable(value: string | undefined, reason = ''): Record<string, unknown> {
  if (value === undefined) return { error: 'no result in time' };
  if (value === unanswerable) return { error: unanswerable, reason };
  if (value.startsWith('[')) return { filtered: JSON.parse(value) as unknown };
  return { outputs: decodeResult(value).map(({ shape, data }) => ({ shape, data: [...data] })) };
}

const shownValues = 10;

function forPeople(value: string | undefined, jobName: string, seconds: number, reason = ''): string {
  if (value === undefined)
    return paint(
      'red',
      `no result within ${seconds} s; if no worker has it yet it was taken back. Does the job run? ("cluster-serving status ${shellWord(jobName)}")`,
    );
  if (value === unanswerable) return paint('red', `NaN, for ${reason || 'a reason that is in the log'}`);
  if (value.startsWith('[')) return value;
  return decodeResult(value)
    .map(({ shape, data }) => {
      const best = data.reduce((at, x, i) => (x > (data[at] ?? -Infinity) ? i : at), 0);
      const values = [...data.slice(0, shownValues)].map((x) => x.toPrecision(4)).join(', ');
      return `[${shape.join('×')}] highest at ${best} (${(data[best] ?? NaN).toPrecision(4)}): ${values}${data.length > shownValues ? ', …' : ''}`;
    })
    .join('; ');
}
