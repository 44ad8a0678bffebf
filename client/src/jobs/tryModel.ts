import type { JobReport } from '../../../schemas/jobEvents.ts';
import { typicalOf, type TryAnswer, type TryModel } from '../../../schemas/pages.ts';
import type { Translate } from '../views/figures.ts';
import type { JsonLine } from './cli.ts';

/** What is known of a job's model, for the page that tries it. @param job  undefined for one that does not run */
export function tryModelOf(jobName: string, job: JobReport | undefined, t: Translate): TryModel {
  const beats = job?.workers.flatMap(({ heartbeat }) => heartbeat ?? []) ?? [];
  const [beat] = beats;
  const typicalMs = typicalOf(beats);
  const labels = job?.workers.find(({ registration }) => registration.labels)?.registration.labels;
  return {
    name: jobName,
    version: '1',
    path: '/predict',
    ...(beat
      ? {}
      : { refusal: t('No worker of "{0}" is known; a job that does not run gives no answer.', jobName) }),
    inputs: beat?.inputs ?? [],
    outputs: beat?.outputs ?? [],
    batched: beat?.batched ?? false,
    labels: labels ?? {},
    ...(typicalMs ? { typicalMs } : {}),
  };
}

/** What `predict --json` printed. */
export function tryAnswerOf(lines: readonly JsonLine[]): TryAnswer {
  const summary = lines.find((line) => 'summary' in line)?.summary as
    { readonly seconds?: unknown } | undefined;
  const seconds = summary?.seconds;
  return {
    records: lines.filter((line) => 'name' in line),
    ...(typeof seconds === 'number' ? { queueMs: seconds * 1_000 } : {}),
  };
}
