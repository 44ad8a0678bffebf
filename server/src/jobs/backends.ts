import type { Backend as BackendName, JobReport, Registration } from '../../../schemas/jobEvents.ts';
import type { Backend } from './backend.ts';
import { embeddedBackend } from './embedded/embeddedBackend.ts';
import { flinkBackend } from './flink/flinkBackend.ts';

/** By the names that a config may say. */
export const backends: Readonly<Record<BackendName, Backend>> = {
  embedded: embeddedBackend,
  flink: flinkBackend,
};

export const backendNames = Object.keys(backends) as readonly BackendName[];

/** Adds to reports what others than Redis know of the jobs. */
export function completeReports(jobs: readonly JobReport[]): Promise<JobReport[]> {
  return Promise.all(jobs.map((job) => backends[job.backend].report(job)));
}

/** Whether it can be seen from here at once that the process of a worker has gone. */
export function isGone(registration: Registration): boolean {
  return backends[registration.backend].isGone(registration);
}

/** Whether the job was stopped where it ran, so that only its record here is left. */
export function isStopped({ state }: JobReport): boolean {
  return state === 'stopped';
}
