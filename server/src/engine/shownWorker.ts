import { hostname } from 'node:os';
import type { Backend, Registration, SharingReport } from '../../../schemas/jobEvents.ts';
import type { WorkerJob } from '../../../schemas/workerJob.ts';
import type { Labels } from '../model/labels.ts';
import type { Sharing } from '../model/sharing.ts';
import type { Log } from './log.ts';
import type { Serving } from './serving.ts';

/* What a worker shows of itself in Redis. */

/** More would make every look at the jobs expensive. */
const maxLabelBytes = 64 * 1024;

export function registrationOf(
  { jobName, configPath, configDigest }: WorkerJob,
  backend: Backend,
  { workerId, logFile, pid }: { readonly workerId: string; readonly logFile: string; readonly pid: number },
  now: number,
): Registration {
  return {
    workerId,
    jobName,
    backend,
    host: hostname(),
    pid,
    configPath,
    configDigest,
    logFile,
    startedAt: Math.round(now),
  };
}

/** With what is known since something is served. */
export function withServing(registration: Registration, { job, loaded }: Serving, log: Log): Registration {
  return withLabels({ ...registration, configDigest: job.configDigest }, loaded.labels, log);
}

function withLabels(registration: Registration, labels: Labels, log: Log): Registration {
  if (labels.size === 0) return registration;
  const byOutput = Object.fromEntries(labels);
  if (JSON.stringify(byOutput).length <= maxLabelBytes) return { ...registration, labels: byOutput };
  log.warn(`the names of the classes are longer than ${maxLabelBytes} bytes: frontends do not get them`);
  return registration;
}

/** What clients need to know of the model. */
export function modelFacts({ loaded, job }: Serving, { shared }: Sharing) {
  const { model, resolved } = loaded;
  const { version } = resolved.found;
  return {
    inputs: model.inputs,
    outputs: model.outputs,
    batched: shared,
    forms: ['original', 'typed'] as const,
    // A filter makes one text of a record, whatever its rows.
    rowsPerRecord: shared && !job.postProcessing ? job.batchSize : 1,
    ...(version === undefined ? {} : { version }),
  };
}

export function reportOf({ shared, reason }: Sharing): SharingReport {
  return { shared, reason };
}
