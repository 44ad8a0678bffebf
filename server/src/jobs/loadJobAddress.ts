import { dirname } from 'node:path';
import type { HostPort } from '../../../schemas/config/configKey.ts';
import { keyNames, type Config, type KeyName } from '../../../schemas/config/configKeys.ts';
import type { Problem } from '../../../schemas/config/problems.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { lineRange } from '../config/lines.ts';
import { formatProblem, type ReadConfig } from '../config/readConfig.ts';
import { redisAddress, type RedisAddress } from '../queue/redis/redisAddress.ts';
import { storeAddress, type StoreAddress } from '../queue/storeAddress.ts';
import { readConfigFile } from '../workspace/loadConfig.ts';

/** What a running job is found by. */
export interface JobAddress {
  readonly jobName: string;
  readonly store: StoreAddress;
  readonly flinkRestUrl: HostPort;
}

const placeKeys: readonly KeyName[] = ['redisUrl', 'queueUsed', 'kafkaUrl', 'jobName'];

/** Where the job of a config is, whatever else is wrong with the config: one that is being edited can be stopped.
 *  @throws ServingError "config-unreadable", or "config-invalid" if the config does not say, one line for each error */
export function loadJobAddress(path: string): JobAddress {
  const { config, full } = loadDespiteErrors(path, placeKeys);
  const { jobName, flinkRestUrl } = config;
  return { jobName, store: storeAddress(config, dirname(full)), flinkRestUrl };
}

/** Where the queues of a config are, as `loadJobAddress`, though the rest of the config may be wrong. */
export function loadStoreAddress(path: string): StoreAddress {
  const { config, full } = loadDespiteErrors(path, ['redisUrl', 'queueUsed', 'kafkaUrl']);
  return storeAddress(config, dirname(full));
}

/** Where the Redis of a config is, whatever its queues are in: secrets are there. */
export function loadRedisAddress(path: string): RedisAddress {
  const { config, full } = loadDespiteErrors(path, ['redisUrl']);
  return redisAddress(config, dirname(full));
}

/** @param wanted  keys whose values must not be what an error elsewhere has left of them */
function loadDespiteErrors(path: string, wanted: readonly KeyName[]): { config: Config; full: string } {
  const { full, text, read } = readConfigFile(path);
  const errors = read.problems.filter(({ severity }) => severity === 'error');
  const hidden = errors.filter((problem) => mayHide(text, problem, read, wanted));
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

/** Whether an error is in a wanted key, or one that leads to Redis or Kafka, or may be what is left of a wanted one. */
function mayHide(
  text: string,
  { code, range }: Problem,
  { origins }: ReadConfig,
  wanted: readonly KeyName[],
): boolean {
  // It stands at the beginning of the text, whatever is there.
  if (code === 'model-path-missing') return wanted.includes('modelPath');
  const matters = (key: KeyName) => /^(?:redis|kafka)/.test(key) || wanted.includes(key);
  const keyAt = keyNames.find((key) => {
    const { keyRange, valueRange } = origins[key];
    return keyRange && range.start >= keyRange.start && range.start <= (valueRange ?? keyRange).end;
  });
  const mayBeUnread = wanted.some((key) => origins[key].origin === 'default');
  if (keyAt === undefined) return mayBeUnread;
  if (code === 'syntax') {
    // What else is wrong in a broken line is not reported.
    const line = lineRange(text, range.start);
    const isInLine = (key: KeyName) => {
      const { start } = origins[key].keyRange ?? { start: -1 };
      return start >= line.start && start <= line.end;
    };
    if (keyNames.some((key) => matters(key) && isInLine(key))) return true;
    // A quote or bracket that is not closed takes the keys behind it for its own.
    const { start, end } = origins[keyAt].valueRange ?? range;
    if (mayBeUnread && /\n|:\s/.test(text.slice(start, end).trim())) return true;
  }
  return matters(keyAt);
}
