import { hostname } from 'node:os';
import type { JobReport, Registration } from '../../../schemas/jobEvents.ts';
import type { ConfigFacts } from '../../../schemas/editor/languageMessages.ts';

interface KnownConfig extends ConfigFacts {
  readonly path: string;
}

/** Those who started a job: the workers, or who submitted it to Flink. */
function starters({ workers, flinkJobs = [] }: JobReport): readonly Starter[] {
  // The workers of a Flink job are where the cluster has put them.
  return flinkJobs.length > 0 ? flinkJobs : workers.map(({ registration }) => registration);
}

interface Starter {
  readonly host: string;
  readonly configPath: string;
}

/** Whether a worker runs where the extension does. */
export function isHere({ host }: Pick<Registration, 'host'>): boolean {
  return host === hostname();
}

/** Where the queue of a config is, as reports say it. */
export function redisOf({
  redisHost,
  redisPort,
  store,
}: Pick<ConfigFacts, 'redisHost' | 'redisPort' | 'store'>): string {
  return store ?? `${redisHost}:${redisPort}`;
}

/** The config that a job was started with, if that file is on this machine: a job of another machine may have one under
 *  the same path. */
export function configOfJob(job: JobReport, configs: readonly KnownConfig[]): string | undefined {
  const here = starters(job).find(isHere);
  if (here) return here.configPath;
  const paths = new Set(starters(job).map(({ configPath }) => configPath));
  return configs.find(
    (config) => paths.has(config.path) && config.jobName === job.jobName && redisOf(config) === job.redis,
  )?.path;
}

/** A config by which our programs find the Redis of a job: its own, else any of the same Redis. */
export function configOfRedis(job: JobReport, configs: readonly KnownConfig[]): string | undefined {
  return configOfJob(job, configs) ?? configs.find((config) => redisOf(config) === job.redis)?.path;
}

/** One config for each Redis. */
export function onePerRedis(configs: readonly KnownConfig[]): readonly string[] {
  return [...new Map(configs.map((config) => [redisOf(config), config.path])).values()];
}
