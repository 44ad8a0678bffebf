import { storeName } from '../../../../schemas/kafka/storeName.ts';
import type { FlinkReport, FrontendReport, Heartbeat, JobReport } from '../../../../schemas/jobEvents.ts';
import { tensorsText } from '../../inspect/tensorsText.ts';
import { frontendsOf, readKnownJobs } from '../../jobs/watch/readKnownJobs.ts';
import { reloadText } from './reload.ts';
import { rolloutTable, rolloutText } from './rollout.ts';
import { noJobs, printErrors, printOtherFlinkJobs, sharingText } from '../reports.ts';
import {
  paint,
  paintState,
  print,
  printJson,
  span,
  table,
  type ConfigOption,
  type JsonOption,
} from '../output.ts';

export async function status(
  name: string | undefined,
  { config, json }: ConfigOption & JsonOption,
): Promise<number> {
  const { jobs, frontends, otherFlinkJobs, errors, redis } = await readKnownJobs(config, name);
  if (json) printJson({ jobs, frontends, otherFlinkJobs, errors });
  else {
    printErrors(errors);
    if (jobs.length === 0) print(noJobs(redis));
    else for (const job of jobs) describe(job, frontendsOf(job, frontends));
    printOtherFlinkJobs(otherFlinkJobs);
  }
  return 0;
}

function describe(
  { jobName, backend, state, failure, needs, redis, workers, queue, flinkJobs = [] }: JobReport,
  frontends: readonly FrontendReport[],
): void {
  print(`${paint('bold', jobName)}  ${paintState(state)}  (${backend}, ${storeName(redis)})`);
  if (failure !== undefined) print(paint('red', `  ${failure}`));
  if (needs !== undefined) print(paint('yellow', `  ${needs.message}`));
  print(
    `  queue: ${queue.waiting} waiting, ${queue.pending} being answered, ${queue.dead} dead letters` +
      (queue.oldestAgeMs > 0 ? `, the oldest has waited for ${span(queue.oldestAgeMs)}` : ''),
  );
  for (const { url, pid, host, startedAt } of frontends)
    print(`  HTTP frontend ${url}  ${pid}@${host}  up ${span(Date.now() - startedAt)}`);
  for (const job of flinkJobs) describeFlink(job);
  for (const { registration, heartbeat } of workers) {
    print(
      `  worker ${registration.pid}@${registration.host}  up ${span(Date.now() - registration.startedAt)}  ${registration.configPath}`,
    );
    // On Flink it is part of the TaskManager's, which `logs` reads.
    if (registration.logFile !== '') print(`    log: ${registration.logFile}`);
    if (heartbeat) describeBeat(heartbeat);
  }
}

function describeFlink(job: FlinkReport): void {
  const { jobId, state, parallelism, startedAt, taskManagers, url, host, configPath, jar } = job;
  const places = taskManagers.length > 0 ? ` on ${taskManagers.join(', ')}` : '';
  print(
    `  Flink job ${jobId}  ${state}  parallelism ${parallelism}${places}  up ${span(Date.now() - startedAt)}  ${configPath} (from ${host})`,
  );
  print(`    ${url}${jar === undefined ? '' : `  jar: ${jar}`}`);
}

function describeBeat(beat: Heartbeat): void {
  const version = beat.version === undefined ? '' : `, version ${beat.version}`;
  print(
    `    model: ${beat.modelFile} (${beat.modelType}${version})  in: ${tensorsText(beat.inputs)}  out: ${tensorsText(beat.outputs)}`,
  );
  print(
    `    answered ${beat.processed}, of these ${beat.failed} NaN; ${beat.recordsPerSecond}/s; ` +
      ((beat.sharing?.shared ?? beat.batched)
        ? `batches of ${beat.batchSize.mean} rows on average, ${beat.batchSize.max} at most`
        : 'one record a run') +
      `; ${Math.round(beat.rssBytes / 1024 / 1024)} MB`,
  );
  if (beat.httpUrl !== undefined)
    print(`    HTTP ${beat.httpUrl}: ${beat.overHttp ?? 0} of them came over HTTP, without the queue`);
  if (beat.sharing) print(`    ${sharingText(beat.sharing)}`);
  if (beat.reload)
    print(`    last reload, ${span(Date.now() - beat.reload.at)} ago: ${reloadText(beat.reload)}`);
  if (beat.rollout) {
    print(`    rollout: ${rolloutText(beat.rollout)}`);
    for (const line of rolloutTable(beat.rollout)) print(line);
  }
  if (beat.processed + beat.expired === 0) {
    print('    no record has come yet');
    return;
  }
  const rows = Object.entries(beat.latencyMs).map(([stage, { p50, p95, p99 }]) => [
    `    ${stage}`,
    ...[p50, p95, p99].map((ms) => `${ms} ms`),
  ]);
  print(table([['    stage', 'p50', 'p95', 'p99'], ...rows]));
}
