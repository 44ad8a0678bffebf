import { loadRedisAddress } from '../../jobs/loadJobAddress.ts';
import { addressText, connectRedis } from '../../queue/redis/connectRedis.ts';
import { secretKeyOf, writeSecret } from '../../queue/secrets.ts';
import { print, printJson, type ConfigOption, type JsonOption } from '../output.ts';
import { processSources, readPair } from './readPair.ts';

export interface SetCommand extends ConfigOption, JsonOption {
  readonly record?: boolean;
}

/** Puts the secret of encrypted models, or of records, into the Redis of a config. */
export async function set({ config, record, json }: SetCommand): Promise<number> {
  const kind = record ? 'record' : 'model';
  const address = loadRedisAddress(config);
  const pair = await readPair(kind, processSources);
  const redis = await connectRedis(address);
  try {
    await writeSecret(redis, kind, pair);
  } finally {
    redis.disconnect();
  }
  const key = secretKeyOf(kind);
  if (json) printJson({ set: { key, redis: addressText(address) } });
  else print(`The secret and the salt are in ${key} of Redis ${addressText(address)}.`);
  return 0;
}
