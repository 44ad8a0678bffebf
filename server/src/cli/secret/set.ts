import { loadRedisAddress } from '../../jobs/loadJobAddress.ts';
import { openStore } from '../../queue/openStore.ts';
import { addressText } from '../../queue/redis/redisTrouble.ts';
import { secretKeyOf } from '../../queue/secrets.ts';
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
  const store = await openStore(address);
  try {
    await store.secrets.writeSecret(kind, pair);
  } finally {
    store.close();
  }
  const key = secretKeyOf(kind);
  if (json) printJson({ set: { key, redis: addressText(address) } });
  else print(`The secret and the salt are in ${key} of Redis ${addressText(address)}.`);
  return 0;
}
