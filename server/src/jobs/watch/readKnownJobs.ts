import { ServingError } from '../../../../schemas/errors.ts';
import type { FrontendReport, JobReport, OtherFlinkJob } from '../../../../schemas/jobEvents.ts';
import { readOtherFlinkJobs } from '../flink/otherJobs.ts';
import { reportJobs } from './knownRedis.ts';

export interface Unreachable {
  readonly redis?: string;
  readonly error: string;
}

/** What `list` and `status` show. */
export interface KnownJobs {
  readonly jobs: readonly JobReport[];
  readonly frontends: readonly FrontendReport[];
  /** What else runs on the same Flink clusters. */
  readonly otherFlinkJobs: readonly OtherFlinkJob[];
  /** What did not answer: it may have jobs that are not listed. */
  readonly errors: readonly Unreachable[];
  /** Each Redis that is known, as host:port. */
  readonly redis: readonly string[];
}

/** The jobs of every Redis that is known here.
 *  @param name  only the jobs of this name, without other jobs on Flink
 *  @throws ServingError "job-unknown" if there is none of that name */
export async function readKnownJobs(configPath: string, name?: string): Promise<KnownJobs> {
  const reports = await reportJobs(configPath);
  const all = reports.flatMap((report) => report.jobs);
  const jobs = all.filter(({ jobName }) => name === undefined || jobName === name);
  const others = name === undefined ? await readOtherFlinkJobs(configPath, all) : { jobs: [], errors: [] };
  const errors = [
    ...reports.flatMap(({ redis, error }) =>
      error === undefined ? [] : [{ ...(redis === undefined ? {} : { redis }), error }],
    ),
    ...others.errors.map((error) => ({ error })),
  ];
  if (name !== undefined && jobs.length === 0)
    throw new ServingError(
      'job-unknown',
      [
        `No job "${name}" is known. "cluster-serving list" shows those that are.`,
        ...errors.map(({ error }) => error),
      ].join(' '),
    );
  return {
    jobs,
    frontends: reports.flatMap((report) => report.frontends),
    otherFlinkJobs: others.jobs,
    errors,
    redis: reports.flatMap(({ redis }) => redis ?? []),
  };
}

/** The HTTP frontends at which a job can be asked. */
export function frontendsOf(job: JobReport, frontends: readonly FrontendReport[]): readonly FrontendReport[] {
  return frontends.filter(({ redis, jobNames }) => redis === job.redis && jobNames.includes(job.jobName));
}
