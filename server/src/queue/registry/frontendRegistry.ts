import type { Redis } from 'ioredis';
import type { FrontendBeat, FrontendReport } from '../../../../schemas/jobEvents.ts';
import { frontendsKey, heartbeatTtlMs, stopFrontendKey } from '../../../../schemas/redis/redisKeys.ts';
import { parseFrontendBeat } from './registryEntries.ts';
import { runScript, scripts } from '../scripts/scripts.ts';

/** What HTTP frontends write about themselves into Redis. They keep no state beside it: one that dies is forgotten as soon as it
 *  has been silent for as long as a worker may be. */

/** Says that the frontend lives. @returns whether it was asked to stop */
export async function beatFrontend(redis: Redis, report: FrontendBeat): Promise<boolean> {
  const asked = await runScript(
    redis,
    scripts.frontend,
    [frontendsKey, stopFrontendKey(report.frontendId)],
    [report.frontendId, JSON.stringify(report), heartbeatTtlMs],
  );
  return asked !== null;
}

export async function forgetFrontend(redis: Redis, frontendId: string): Promise<void> {
  await Promise.all([redis.hdel(frontendsKey, frontendId), redis.del(stopFrontendKey(frontendId))]);
}

/** Those that live, in the order of their addresses. */
export async function readFrontends(redis: Redis, redisText: string): Promise<FrontendReport[]> {
  const entries = (await runScript(redis, scripts.frontends, [frontendsKey], [])) as string[];
  return entries
    .flatMap((frontendId, i) =>
      i % 2 === 0 ? (parseFrontendBeat(frontendId, entries[i + 1] ?? '') ?? []) : [],
    )
    .map((beat) => ({ ...beat, redis: redisText }))
    .sort((a, b) => (`${a.url} ${a.frontendId}` < `${b.url} ${b.frontendId}` ? -1 : 1));
}

/** Asks a frontend, on whatever machine, to stop. It looks once a second. */
export async function askFrontendToStop(redis: Redis, frontendId: string): Promise<void> {
  await runScript(redis, scripts.lock, [stopFrontendKey(frontendId)], ['1', 60_000]);
}
