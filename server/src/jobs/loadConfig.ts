import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { HostPort } from '../../../schemas/configKey.ts';
import { keyNames, type Config, type KeyName } from '../../../schemas/configKeys.ts';
import type { Backend } from '../../../schemas/jobEvents.ts';
import type { Problem } from '../../../schemas/problems.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { formatProblem, readConfig, type ReadConfig } from '../config/readConfig.ts';
import type { RedisAddress } from '../queue/redis/connectRedis.ts';
import { redisAddress } from '../queue/redis/redisAddress.ts';

export interface LoadedConfig {
  readonly path: string;
  readonly folder: string;
  readonly config: Config;
  /** Warnings and below, as `file:line:col: warning CODE: message`. */
  readonly warnings: readonly string[];
}

const maxBytes = 1024 * 1024;

/** Reads a config file as the engine will. @throws ServingError "config-unreadable", or "config-invalid" whose message
 *  has one line `file:line:col: error CODE: message` for each error
 *  @param backend  where the command line names one */
export function loadConfig(path: string, backend?: Backend): LoadedConfig {
  const { full, text, read } = readFile(path, backend);
  const { config, problems } = read;
  const lines = (wanted: (problem: Problem) => boolean) =>
    problems.filter(wanted).map((problem) => formatProblem(path, text, problem));
  if (!config)
    throw new ServingError('config-invalid', lines(({ severity }) => severity === 'error').join('\n'));
  return {
    path: full,
    folder: dirname(full),
    config,
    warnings: lines(({ severity }) => severity === 'warning'),
  };
}

/** What a running job is found by. */
export interface JobAddress {
  readonly jobName: string;
  readonly redis: RedisAddress;
  readonly flinkRestUrl: HostPort;
}

const placeKeys: readonly KeyName[] = ['redisUrl', 'jobName'];

/** Where the job of a config is, whatever else is wrong with the config: one that is being edited can be stopped.
 *  @throws ServingError "config-unreadable", or "config-invalid" if the config does not say, as in `loadConfig` */
export function loadJobAddress(path: string): JobAddress {
  const { config, full } = loadDespiteErrors(path, placeKeys);
  const { jobName, flinkRestUrl } = config;
  return { jobName, redis: redisAddress(config, dirname(full)), flinkRestUrl };
}

/** Where the Redis of a config is, as `loadJobAddress`, though the rest of the config may be wrong. */
export function loadRedisAddress(path: string): RedisAddress {
  const { config, full } = loadDespiteErrors(path, ['redisUrl']);
  return redisAddress(config, dirname(full));
}

/** @param wanted  keys whose values must not be what an error elsewhere has left of them */
function loadDespiteErrors(path: string, wanted: readonly KeyName[]): { config: Config; full: string } {
  const { full, text, read } = readFile(path);
  const errors = read.problems.filter(({ severity }) => severity === 'error');
  const hidden = errors.filter((problem) => mayHide(problem, read, wanted));
  if (hidden.length > 0)
    throw new ServingError(
      'config-invalid',
      hidden.map((problem) => formatProblem(path, text, problem)).join('\n'),
    );
  const values = Object.fromEntries(
    keyNames.map((key) => [key, read.origins[key].value]),
  ) as unknown as Config;
  return { config: values, full };
}

/** Whether an error is in a wanted key, or one that leads to Redis, or may be what is left of a wanted one. */
function mayHide({ range }: Problem, { origins }: ReadConfig, wanted: readonly KeyName[]): boolean {
  const keyAt = (Object.keys(origins) as KeyName[]).find((key) => {
    const { keyRange, valueRange } = origins[key];
    return keyRange && range.start >= keyRange.start && range.start <= (valueRange ?? keyRange).end;
  });
  if (keyAt === undefined) return wanted.some((key) => origins[key].origin === 'default');
  return keyAt.startsWith('redis') || wanted.includes(keyAt);
}

function readFile(path: string, backend?: Backend): { full: string; text: string; read: ReadConfig } {
  const full = resolve(path);
  const text = readText(path, full);
  return { full, text, read: readConfig(text, { env: (name) => process.env[name], backend }) };
}

function readText(path: string, full: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(full);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file. Run "cluster-serving init" to make one, or name it with -c'
        : code === 'EISDIR'
          ? 'that is a folder; name the file in it'
          : code === 'EACCES'
            ? 'permission denied'
            : String(code);
    throw new ServingError('config-unreadable', `${path}: ${why}.`, { cause: error });
  }
  if (bytes.length > maxBytes || bytes.includes(0))
    throw new ServingError(
      'config-unreadable',
      `${path}: that is not a config file but ${bytes.length} bytes of something else.`,
    );
  return bytes.toString('utf8');
}
