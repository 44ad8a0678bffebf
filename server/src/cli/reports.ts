import type { RedisReport } from '../jobs/knownRedis.ts';
import { paint, print } from './output.ts';

export interface UnreachableRedis {
  readonly redis?: string;
  readonly error: string;
}

export function errorsOf(reports: readonly RedisReport[]): readonly UnreachableRedis[] {
  return reports.flatMap(({ redis, error }) =>
    error === undefined ? [] : [{ ...(redis === undefined ? {} : { redis }), error }],
  );
}

/** A Redis that does not answer may have jobs that nobody sees. */
export function printErrors(errors: readonly UnreachableRedis[]): void {
  for (const { error } of errors) print(paint('yellow', error));
}

export function noJobs(reports: readonly RedisReport[]): string {
  const places = reports.flatMap(({ redis }) => redis ?? []);
  return places.length === 0 ? 'No jobs are known here.' : `No jobs. (Looked at ${places.join(', ')}.)`;
}
