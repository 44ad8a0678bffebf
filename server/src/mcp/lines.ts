import { storeName } from '../../../schemas/kafka/storeName.ts';
import type { JobReport, WorkerReport } from '../../../schemas/jobEvents.ts';
import type { RecordPreview } from '../../../schemas/redis/queueReports.ts';
import { inputText } from '../inspect/inputText.ts';
import { tensorsText } from '../inspect/tensorsText.ts';
import type { Unreachable } from '../jobs/watch/readKnownJobs.ts';

/* What tools say to people, in lines. */

export function jobLine(job: JobReport): string {
  const { jobName, state, backend, redis, workers, queue, failure, needs } = job;
  const beats = workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  const processed = beats.reduce((sum, beat) => sum + beat.processed, 0);
  const failed = beats.reduce((sum, beat) => sum + beat.failed, 0);
  return (
    `${jobName}: ${state} (${backend}, ${storeName(redis)}, ${counted(beats.length, 'living worker')}); ` +
    `answered ${processed}, of these ${failed} NaN; ` +
    `${queue.waiting} waiting, ${queue.pending} in flight, ${counted(queue.dead, 'dead letter')}` +
    (failure === undefined ? '' : `. ${failure}`) +
    (needs === undefined ? '' : `. ${needs.message}`)
  );
}

export function workerLines({ registration, heartbeat, early }: WorkerReport): string[] {
  const { pid, host, configPath } = registration;
  const head = `  worker ${pid}@${host}, ${(heartbeat ?? early)?.state ?? 'dead'}, config ${configPath}`;
  if (!heartbeat) return [head];
  const { modelFile, modelType, inputs, outputs, recordsPerSecond, latencyMs, sharing } = heartbeat;
  const stages = Object.entries(latencyMs).map(
    ([stage, { p50, p99 }]) => `${stage} ${p50} ms, p99 ${p99} ms`,
  );
  return [
    head,
    `    model ${modelFile} (${modelType}), in: ${tensorsText(inputs)}, out: ${tensorsText(outputs)}`,
    `    ${recordsPerSecond} records/s${heartbeat.processed > 0 ? `; median ${stages.join('; ')}` : ', no record yet'}`,
    ...(sharing
      ? [`    records ${sharing.shared ? 'are batched' : 'are not batched'}: ${sharing.reason}`]
      : []),
  ];
}

export function recordLines({ id, uri, dead, bytes, inputs, error }: RecordPreview): string[] {
  return [
    `${id}  ${uri ?? '(no uri)'}, ${bytes} bytes`,
    ...(dead ? [`  ${dead.reason}`] : []),
    ...(error === undefined ? [] : [`  cannot be decoded: ${error}`]),
    ...inputs.map((input) => `  ${input.name}: ${inputText(input)}`),
  ];
}

/** What did not answer may have jobs that are not listed. */
export function errorLines(errors: readonly Unreachable[]): string[] {
  return errors.map(({ error }) => error);
}

export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
