import { redisAddress } from '../queue/redisAddress.ts';
import { knownRedis } from '../jobs/knownRedis.ts';
import { loadConfig } from '../jobs/loadConfig.ts';
import { openStateFolder } from '../jobs/stateFolder.ts';
import { stopWorkers, type StoppedWorker } from '../jobs/stopJob.ts';
import { count, paint, print, printJson, type ConfigOption, type JsonOption } from './output.ts';

export interface StopCommand extends ConfigOption, JsonOption {
  readonly all?: boolean;
}

export async function stop(name: string | undefined, options: StopCommand): Promise<number> {
  const state = openStateFolder();
  const stopped: StoppedWorker[] = [];
  if (options.all || name !== undefined) {
    for (const address of knownRedis(state, options.config))
      stopped.push(
        ...(await stopWorkers(state, address, ({ jobName }) => options.all === true || jobName === name)),
      );
  } else {
    const { config, folder } = loadConfig(options.config);
    name = config.jobName;
    stopped.push(
      ...(await stopWorkers(state, redisAddress(config, folder), ({ jobName }) => jobName === name)),
    );
  }
  if (options.json) printJson({ stopped });
  else report(stopped, name);
  return 0;
}

function report(stopped: readonly StoppedWorker[], name: string | undefined): void {
  if (stopped.length === 0) print(name === undefined ? 'No job runs.' : `No job "${name}" runs.`);
  const jobs = new Set(stopped.map(({ registration }) => registration.jobName));
  for (const job of jobs) {
    const workers = stopped.filter(({ registration }) => registration.jobName === job);
    const dead = workers.filter(({ wasDead }) => wasDead).length;
    const forced = workers.filter((worker) => worker.forced);
    if (dead === workers.length) print(`"${job}" had died before; it is forgotten now.`);
    else print(`Stopped "${job}" (${count(workers.length - dead, 'worker')}).`);
    for (const { registration } of forced)
      print(
        paint(
          'yellow',
          `The worker with pid ${registration.pid} did not end in time and was killed; what it had in hand stays in the queue.`,
        ),
      );
  }
}
