import { listenToAnswers } from '../answers.ts';
import { payloadOf } from '../payload.ts';
import type { ResultSource } from '../resultWaiter.ts';
import { runScriptForBytes, scripts } from '../scripts/scripts.ts';
import type { RedisAddress } from './redisAddress.ts';
import type { RedisLink } from './redisLink.ts';
import { explainCommand } from './redisTrouble.ts';
import { withDeadline } from './withDeadline.ts';

export interface RedisSourceOptions {
  readonly link: RedisLink;
  /** Where answers are announced. */
  readonly address: RedisAddress;
  readonly jobName: string;
  /** What the keys of results begin with. */
  readonly prefix: string;
}

/** Where a job's workers write results and announce them. */
export function createRedisSource({ link, address, jobName, prefix }: RedisSourceOptions): ResultSource {
  const keysOf = (uris: readonly string[]) => uris.map((uri) => prefix + uri);
  return {
    async read(uris, withinMs) {
      const reading = link.run((redis) => runScriptForBytes(redis, scripts.readResults, keysOf(uris), []));
      try {
        const values = await (withinMs === undefined ? reading : withDeadline(reading, withinMs, 'Redis'));
        return (values as (Buffer | null)[]).map((value) => (value ? payloadOf(value) : undefined));
      } catch (error) {
        throw explainCommand(address, error);
      }
    },
    async remove(uris) {
      await link.run((redis) => redis.unlink(...keysOf(uris)));
    },
    listen: (onAnswered) => listenToAnswers(address, jobName, onAnswered),
  };
}
