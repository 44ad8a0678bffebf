import { ServingError } from '../../../../schemas/errors.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import type { StoppedJobs } from '../../jobs/backend.ts';
import { drainJobs } from '../../jobs/stop/drainJobs.ts';
import { knownRedis } from '../../jobs/watch/knownRedis.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { stopFrontend } from '../../jobs/stop/stopFrontend.ts';
import { stopChosen } from '../../jobs/stop/stopChosen.ts';
import { onHangup } from '../../program/onHangup.ts';
import { count, paint, print, printJson, type ConfigOption, type JsonOption } from '../output.ts';

export interface StopCommand extends ConfigOption, JsonOption {
  readonly all?: boolean;
  /** First the queue is answered to its end. */
  readonly drain?: boolean;
  /** The URL or the id of an HTTP frontend. */
  readonly http?: string;
}

export async function stop(name: string | undefined, options: StopCommand): Promise<number> {
  if (options.http !== undefined) {
    if (name !== undefined || options.all === true || options.drain === true)
      throw new ServingError('wrong-use', '"--http" stops one HTTP frontend, and nothing beside it.');
    const { addresses, problem } = knownRedis(openStateFolder(), options.config);
    if (addresses.length === 0 && problem) throw problem;
    const frontend = await stopFrontend(addresses, options.http);
    if (options.json) printJson({ frontend });
    else print(`Stopped the HTTP frontend ${frontend.url} (pid ${frontend.pid} on ${frontend.host}).`);
    return 0;
  }
  const { workers, flinkJobs, jobName } = await stopChosen({
    config: options.config,
    name,
    ...(options.all ? { all: true } : {}),
    ...(options.drain
      ? { before: (address, isWanted) => drainFirst(address, isWanted, options.json === true) }
      : {}),
  });
  if (options.json) printJson({ stopped: workers, flinkJobs });
  else report({ workers, flinkJobs }, jobName);
  return 0;
}

/** Ctrl-C ends the waiting, and then nothing is stopped. */
async function drainFirst(
  address: StoreAddress,
  isWanted: (jobName: string) => boolean,
  json: boolean,
): Promise<void> {
  const cancel = new AbortController();
  const onSignal = () => cancel.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  onHangup(onSignal);
  await drainJobs(address, isWanted, {
    signal: cancel.signal,
    onLeft: (left) => {
      if (json) printJson({ draining: left });
      else if (process.stdout.isTTY) print(paint('gray', `… ${count(left, 'record')} left`));
    },
  });
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
}

function report({ workers: stopped, flinkJobs }: StoppedJobs, name: string | undefined): void {
  if (stopped.length + flinkJobs.length === 0)
    print(name === undefined ? 'No job is running.' : `No job "${name}" is running.`);
  for (const { job, wasDead } of flinkJobs)
    print(
      wasDead
        ? `"${job.jobName}" had already ended on the Flink cluster at ${job.flinkRestUrl}; it is no longer listed.`
        : `Stopped "${job.jobName}" on the Flink cluster at ${job.flinkRestUrl}.`,
    );
  const jobs = new Set(stopped.map(({ registration }) => registration.jobName));
  for (const job of jobs) {
    const workers = stopped.filter(({ registration }) => registration.jobName === job);
    const dead = workers.filter(({ wasDead }) => wasDead).length;
    const forced = workers.filter((worker) => worker.forced);
    if (dead === workers.length) print(`"${job}" had already died; it is no longer listed.`);
    else print(`Stopped "${job}" (${count(workers.length - dead, 'worker')}).`);
    for (const { registration } of forced)
      print(
        paint(
          'yellow',
          `The worker with pid ${registration.pid} did not end in time and was killed; its records in flight stay in the queue.`,
        ),
      );
  }
}
