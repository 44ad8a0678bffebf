import type { Config } from '../../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { maxClockSkewMs } from '../../../../schemas/redis/redisKeys.ts';
import type { Program } from '../../../../schemas/redis/redisRights.ts';
import { addressText } from '../../queue/redis/redisTrouble.ts';
import type { RedisAddress } from '../../queue/redis/redisAddress.ts';
import { skewText } from '../../queue/redis/redisClock.ts';
import { grantLine } from '../../queue/redis/rights.ts';
import { requireSuitable } from '../../queue/redis/serverFacts.ts';
import type { Store } from '../../queue/store.ts';

/* What the start and the doctor ask of a Redis that answers. */

/** Of programs that are part of serving a job. */
export function programsOf(
  { modelEncrypted, recordEncrypted }: Pick<Config, 'modelEncrypted' | 'recordEncrypted'>,
  programs: readonly Program[],
): readonly Program[] {
  return [
    ...programs,
    ...(modelEncrypted ? (['modelSecret'] as const) : []),
    ...(recordEncrypted ? (['recordSecret'] as const) : []),
  ];
}

/** The server is one that can serve, and its user may do all that these programs need.
 *  @throws ServingError "redis-cluster", "redis-sentinel", "redis-replica", "redis-too-old", "redis-rights" */
export async function requireUsable(
  store: Store,
  address: RedisAddress,
  jobName: string,
  programs: readonly Program[],
): Promise<void> {
  requireSuitable(address, await store.server.readServerFacts());
  const missing = await store.server.missingRights(jobName, programs);
  if (missing.length === 0) return;
  const listed = missing.map(({ command, name }) =>
    name === undefined ? command : `${command} on "${name}"`,
  );
  const shown = listed.slice(0, 6).join(', ') + (listed.length > 6 ? `, and ${listed.length - 6} more` : '');
  throw new ServingError(
    'redis-rights',
    `The user "${address.username ?? 'default'}" of Redis at ${addressText(address)} may not send: ${shown}. ` +
      `Grant the rights, as an administrator of that Redis:\n${grantLine(address.username, jobName)}`,
  );
}

/** @returns what the doctor says of a Redis that is well. @throws ServingError "redis-failed" for one that drops keys */
export async function describeRedis(store: Store, address: RedisAddress): Promise<string> {
  const { version } = await store.server.readServerFacts();
  const at = `${addressText(address)}, version ${version ?? 'unknown'}`;
  const memory = await store.server.readMemoryInfo();
  if (!memory)
    return `${at}; its user may not send INFO, so maxmemory and maxmemory-policy of ${addressText(address)} were not looked at`;
  if (memory.maxBytes > 0 && memory.policy !== 'noeviction')
    throw new ServingError(
      'redis-failed',
      `It drops keys when it is full (${memory.policy}), records and results among them: redis-cli -p ${address.port} config set maxmemory-policy noeviction`,
    );
  return at;
}

/** @throws ServingError "redis-failed" naming what stands in the registry and is no entry of it */
export async function requireSoundRegistry(store: Store, address: RedisAddress): Promise<string> {
  const broken = await store.registry.readBrokenEntries();
  if (broken.length === 0) return 'all entries can be read';
  const cli = `redis-cli -h ${address.host} -p ${address.port}`;
  const lines = broken.map(({ key, field }) =>
    field === undefined
      ? `${key} is not a hash: ${cli} del ${key}`
      : `${JSON.stringify(field)} in ${key} is no entry: ${cli} hdel ${key} ${JSON.stringify(field)}`,
  );
  throw new ServingError('redis-failed', `Left out, and best removed:\n${lines.join('\n')}`);
}

/** @throws ServingError "redis-failed" for clocks that differ */
export async function requireEqualClocks(store: Store, address: RedisAddress): Promise<string> {
  const aheadMs = await store.server.readClockAhead();
  if (Math.abs(aheadMs) <= maxClockSkewMs) return "this machine's and Redis's agree";
  throw new ServingError(
    'redis-failed',
    `This machine's is ${skewText(aheadMs)} at ${addressText(address)}. Deadlines go by Redis's clock all the same; times in logs do not fit together. Let both machines set their clocks by NTP.`,
  );
}
