import { hostname } from 'node:os';
import { ServingError } from '../../../../schemas/errors.ts';
import type { Registration } from '../../../../schemas/jobEvents.ts';
import type { Backend, StartedWorkers } from '../backend.ts';
import type { Starting, StartOptions } from '../start/starting.ts';
import { startWorker } from './embeddedWorker.ts';
import { isGone, stopWorker } from './stopWorker.ts';
import { workerLogs } from './workerLogs.ts';

/** Workers that are processes, on this machine and on others. */
export const embeddedBackend: Backend = {
  requireSense(options) {
    if (options.flink.jar !== undefined)
      throw new ServingError('wrong-use', '--jar is for the backend flink.');
    requireOnePort(options);
  },
  check: () => Promise.resolve({ startedFlink: false }),
  diagnose: () => [],
  start: startWorkers,
  async stop({ state, store, workers }) {
    return {
      workers: await Promise.all(workers.map((each) => stopWorker(state, store?.registry, each))),
      flinkJobs: [],
    };
  },
  report: (job) => Promise.resolve(job),
  logs: (jobName, jobs, state) => ({ files: workerLogs(state, jobName, jobs), remote: [] }),
  isGone,
  placesOf: ({ workers }) =>
    workers
      .filter(({ registration }) => registration.backend === 'embedded')
      .map(({ registration: { host, pid, configPath } }) => `on ${host} (pid ${pid}) from ${configPath}`),
  // The same config on another machine adds that machine to the job.
  joins: ({ backend, workers }) =>
    backend === 'embedded' && workers.every(({ registration }) => registration.host !== hostname()),
};

/** Each worker would need the port for itself. */
function requireOnePort({ http, loaded, workers = 1 }: StartOptions): void {
  const port = http?.port ?? loaded.config.httpPort;
  if (port > 0 && workers > 1)
    throw new ServingError(
      'wrong-use',
      `${workers} workers cannot share the HTTP port ${port}: let one answer HTTP, or start "cluster-serving http" beside them.`,
    );
}

async function startWorkers(options: StartOptions, starting: Starting): Promise<StartedWorkers> {
  const { store, address, undo, check } = starting;
  const workers: Registration[] = [];
  let sharing: StartedWorkers['sharing'];
  let httpUrl: string | undefined;
  const ends: Promise<number>[] = [];
  for (let i = 0; i < (options.workers ?? 1); i++) {
    const worker = startWorker(options, address);
    undo.push(() => worker.kill(store.registry));
    const ready = await worker.ready;
    workers.push(ready.registration);
    if (i === 0) for (const line of ready.lossyOutputs) options.onWarning(`${line}.`);
    sharing ??= ready.sharing;
    httpUrl ??= ready.httpUrl;
    ends.push(worker.ended);
    check();
  }
  const ended = Promise.all(ends).then((codes) => Math.max(0, ...codes));
  return { workers, ended, ...(sharing ? { sharing } : {}), ...(httpUrl ? { httpUrl } : {}) };
}
