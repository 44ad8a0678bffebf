import { readFileSync } from 'node:fs';
import { ServingError, whyUnreadable } from '../../../../schemas/errors.ts';
import { contentOf } from '../../ask/content.ts';
import { createImageEncryption } from '../../ask/encryptImages.ts';
import { prepare } from '../../ask/prepare.ts';
import { readQuestions } from '../../ask/questions.ts';
import { isTypedModel } from '../../ask/shares.ts';
import type { BenchReport, LoadFacts, Step } from '../../bench/benchReport.ts';
import { compareReports, parseReport, type Comparison } from '../../bench/compareReports.ts';
import { findSaturation } from '../../bench/findSaturation.ts';
import { httpTarget } from '../../bench/httpTarget.ts';
import { queueTarget } from '../../bench/queueTarget.ts';
import { runBench } from '../../bench/runBench.ts';
import { stageCounts } from '../../bench/stageMeans.ts';
import type { Target } from '../../bench/target.ts';
import { exampleInputs } from '../../inspect/exampleInputs.ts';
import { isGone } from '../../jobs/backends.ts';
import type { OpenQueue } from '../../jobs/redis/openQueue.ts';
import { openStoreLink } from '../../queue/openStore.ts';
import { steadyClock } from '../../queue/steadyClock.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import { printBench, printBenchStep } from './benchText.ts';
import { printJson } from '../output.ts';
import { untilStopped } from '../jobs/untilStopped.ts';
import { withQueue, type QueueOptions } from '../queue/options.ts';

export interface BenchCommand extends QueueOptions {
  readonly http?: string;
  readonly concurrency?: readonly number[];
  readonly rate?: readonly number[];
  /** Seconds, as the others. */
  readonly duration: number;
  readonly warmUp: number;
  readonly timeout: number;
  readonly file: readonly string[];
  readonly input?: string;
  readonly compare?: string;
}

const usualClients = [1, 4, 16, 64];

export function bench(name: string | undefined, options: BenchCommand): Promise<number> {
  // What cannot be compared at the end is better known at the beginning.
  const before = options.compare === undefined ? undefined : readReport(options.compare);
  const signal = untilStopped();
  return withQueue(name, options, async (queue) => {
    const { target, payload, close } = await openTarget(queue, options);
    const at = Date.now();
    try {
      const steps = await runBench({
        steps: stepsOf(options),
        ask: target.ask,
        clock: steadyClock,
        warmUpMs: options.warmUp * 1000,
        durationMs: options.duration * 1000,
        readStages: async () => stageCounts((await jobOf(queue)) ?? { workers: [] }),
        signal,
        onStep: (step) => {
          if (!options.json) printBenchStep(step);
        },
      });
      const load: LoadFacts = {
        way: options.http === undefined ? 'queue' : 'http',
        payload,
        bytes: target.bytes,
        durationSeconds: options.duration,
        warmUpSeconds: options.warmUp,
      };
      const report: BenchReport = { version: 1, at, jobName: queue.jobName, load, steps };
      return show(report, before && compareReports(before, report), options);
    } finally {
      await close();
    }
  });
}

/** @returns the exit code */
function show(report: BenchReport, comparison: Comparison | undefined, { json }: BenchCommand): number {
  const saturation = findSaturation(report.steps);
  if (json) printJson({ ...report, saturation, ...(comparison ? { comparison } : {}) });
  else printBench(report, saturation, comparison);
  const isWorse = comparison?.differences.some(({ verdict }) => verdict === 'worse') === true;
  const hasErrors = report.steps.some(({ errors }) => Object.keys(errors).length > 0);
  return isWorse || hasErrors || report.steps.length === 0 ? 1 : 0;
}

function stepsOf({ concurrency, rate }: BenchCommand): readonly Step[] {
  const clients = concurrency ?? (rate === undefined ? usualClients : []);
  return [
    ...clients.map((value) => ({ kind: 'concurrency', value }) as const),
    ...(rate ?? []).map((value) => ({ kind: 'rate', value }) as const),
  ];
}

async function jobOf({ store, jobName }: OpenQueue) {
  return (await store.registry.readJobReports('', isGone)).find((job) => job.jobName === jobName);
}

interface OpenTarget {
  readonly target: Target;
  readonly payload: string;
  readonly close: () => Promise<void>;
}

/** @throws ServingError "job-failed" where no worker says what its model takes; "input-mismatch" for what does not fit it */
async function openTarget(queue: OpenQueue, options: BenchCommand): Promise<OpenTarget> {
  const { store, jobName, address } = queue;
  const model = await store.registry.readModel(jobName);
  if (!model)
    throw new ServingError(
      'job-failed',
      `No worker of "${jobName}" is running, so there is nothing to measure. Start the job first.`,
    );
  const questions = options.file.flatMap((file) => readQuestions(file, options.input));
  const records: RecordInputs[] =
    questions.length > 0 ? questions.map(({ inputs }) => inputs) : [exampleInputs(model.inputs)];
  const nameOf = (i: number) => questions[i]?.name ?? 'the example';
  const payload = questions.length > 0 ? options.file.join(', ') : "made from the model's inputs";
  const timeoutMs = options.timeout * 1000;
  const encrypt =
    model.recordsEncrypted && options.http === undefined
      ? await createImageEncryption(() => store.secrets.readSecret('record'))()
      : undefined;
  const prepared = records.map((inputs, i) => prepare(nameOf(i), inputs, model, encrypt));
  if (options.http !== undefined) {
    const apiKey = process.env.CLUSTER_SERVING_API_KEY;
    const target = httpTarget(records, { url: readUrl(options.http), jobName, apiKey, timeoutMs });
    return { target, payload, close: () => target.close() };
  }
  const contents = prepared.map((record) => contentOf(record, isTypedModel(model)));
  const link = openStoreLink(address);
  const target = queueTarget(link, jobName, contents, timeoutMs);
  return {
    target,
    payload,
    async close() {
      await target.close();
      link.close();
    },
  };
}

/** @throws ServingError "wrong-use" */
function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ServingError('wrong-use', `--http takes a URL such as http://127.0.0.1:10020, not "${text}".`);
}

/** @throws ServingError "wrong-use" */
function readReport(file: string): BenchReport {
  try {
    return parseReport(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ServingError) throw error;
    throw new ServingError('wrong-use', `${file} cannot be read: ${whyUnreadable(error)}.`, { cause: error });
  }
}
