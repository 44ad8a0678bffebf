import type { Redis } from 'ioredis';
import { deadStream, resultPrefix, servingGroup } from '../../../../schemas/redis/redisKeys.ts';
import type { Answer } from '../recordQueue.ts';
import { CommandWriter, exchange } from './rawCommand.ts';
import type { RedisClock } from './redisClock.ts';
import type { RedisLink } from './redisLink.ts';
import { isReply } from './redisTrouble.ts';
import { answerRows } from '../answerRows.ts';
import { scripts } from '../scripts/scripts.ts';

export interface RedisResultsOptions {
  readonly link: RedisLink;
  readonly jobName: string;
  readonly consumer: string;
  /** 0: results are kept until a client removes them. */
  readonly resultTtlSeconds: () => number;
  readonly clock: RedisClock;
}

/** Makes the function that writes answers and acknowledges their records with one script.
 *  It throws ServingError "redis-…". Only one call at a time. */
export function createRedisResults(
  options: RedisResultsOptions,
): (answers: readonly Answer[]) => Promise<void> {
  const { link, jobName, consumer, resultTtlSeconds, clock } = options;
  const keys = [jobName, deadStream(jobName)];
  let commands = new CommandWriter();
  return async (answers) => {
    const rows = answerRows(answers);
    const time = Math.round(clock.now());
    const args = [servingGroup, resultPrefix(jobName), resultTtlSeconds(), time, answers.length, consumer];
    commands.begin(3 + keys.length + args.length + rows.length);
    commands.add('EVALSHA', scripts.finish.sha, keys.length, ...keys, ...args, ...rows);
    const command = commands.bytes;
    try {
      await link.run((redis) => runFinish(redis, command));
    } catch (error) {
      // The lost connection may still be sending from this memory.
      commands = new CommandWriter();
      throw error;
    }
  };
}

async function runFinish(redis: Redis, command: Buffer): Promise<void> {
  try {
    await exchange(redis, command);
  } catch (error) {
    if (!isReply(error, 'NOSCRIPT')) throw error;
    await redis.script('LOAD', scripts.finish.text);
    await exchange(redis, command);
  }
}
