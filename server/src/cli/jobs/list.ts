import type { FlinkReport, JobReport } from '../../../../schemas/jobEvents.ts';
import { readKnownJobs } from '../../jobs/watch/readKnownJobs.ts';
import { noJobs, printErrors, printOtherFlinkJobs } from '../reports.ts';
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

export async function list({ config, json }: ConfigOption & JsonOption): Promise<number> {
  const { jobs, frontends, otherFlinkJobs, errors, redis } = await readKnownJobs(config);
  if (json) {
    printJson({ jobs, frontends, otherFlinkJobs, errors, redis });
    return 0;
  }
  printErrors(errors);
  if (jobs.length === 0) print(noJobs(redis));
  else {
    const head = [
      'JOB',
      'STATE',
      'BACKEND',
      'MODEL',
      'PROCESSED',
      'RATE',
      'WAITING',
      'OLDEST',
      'WORKERS',
      'REDIS',
    ];
    // "status" shows both.
    const optional = [head.indexOf('MODEL'), head.indexOf('BACKEND')];
    print(
      table([head.map((cell) => paint('bold', cell)), ...jobs.map(row)], [head.indexOf('STATE')], optional),
    );
  }
  for (const { url, pid, host, jobNames } of frontends)
    print(`HTTP frontend ${url}  ${pid}@${host}  for ${jobNames.join(', ')}`);
  for (const { jobName, workers } of jobs)
    for (const { registration, heartbeat } of workers)
      if (heartbeat?.httpUrl !== undefined)
        print(
          `HTTP ${heartbeat.httpUrl}  ${registration.pid}@${registration.host}  answered by the worker of ${jobName}: ${heartbeat.overHttp ?? 0} of its ${heartbeat.processed} records`,
        );
  for (const { jobName, failure } of jobs)
    if (failure !== undefined) print(paint('red', `${jobName}: ${failure}`));
  for (const { jobName, needs } of jobs)
    if (needs !== undefined) print(paint('yellow', `${jobName}: ${needs.message}`));
  printOtherFlinkJobs(otherFlinkJobs);
  return 0;
}

function row({ jobName, backend, state, workers, queue, redis, flinkJobs = [] }: JobReport): string[] {
  const beats = workers.flatMap(({ heartbeat }) => heartbeat ?? []);
  const sum = (of: (beat: (typeof beats)[number]) => number) =>
    beats.reduce((total, beat) => total + of(beat), 0);
  return [
    jobName,
    paintState(state),
    backend,
    beats[0]?.modelFile ?? '-',
    String(sum(({ processed }) => processed)),
    `${Math.round(sum(({ recordsPerSecond }) => recordsPerSecond))}/s`,
    String(queue.waiting + queue.pending),
    queue.oldestAgeMs > 0 ? span(queue.oldestAgeMs) : '-',
    [String(workers.length), ...flinkJobs.map(flinkCell)].join(' '),
    redis,
  ];
}

function flinkCell({ state, flinkRestUrl }: FlinkReport): string {
  return `${state}@${flinkRestUrl}`;
}
