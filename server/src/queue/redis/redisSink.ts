import type { Redis } from 'ioredis';
import { deadlineField } from '../../../../schemas/redis/redisKeys.ts';
import { Pieces } from '../payload.ts';
import { fieldsOf, marksOf } from '../recordClient.ts';
import { runScript, scripts } from '../scripts/scripts.ts';
import type { RecordSink } from '../submitter.ts';
import { commandPieces, exchange } from './rawCommand.ts';
import { createRedisClock, setClock } from './redisClock.ts';
import type { RedisLink } from './redisLink.ts';

export interface RedisSinkOptions {
  readonly link: RedisLink;
  /** For large records, past the client library: nothing else may use it. */
  readonly largeLink: RedisLink;
  /** The stream. */
  readonly jobName: string;
}

/** Redis's clock is read again after this time. */
const clockMs = 10_000;

/** Puts records into a job's stream. Deadlines are written by Redis's clock. */
export function createRedisSink({ link, largeLink, jobName }: RedisSinkOptions): RecordSink {
  const clock = createRedisClock();
  let clockAt = -Infinity;

  async function readClock(redis: Redis): Promise<void> {
    if (performance.now() - clockAt <= clockMs) return;
    await setClock(clock, redis);
    clockAt = performance.now();
  }

  return {
    async put(records) {
      const args = records.flatMap(({ record, leftMs }) => {
        const fields = fieldsOf(record);
        return [fields.length, leftMs, ...fields];
      });
      return (await link.run((redis) => runScript(redis, scripts.put, [jobName], args))) as string[];
    },
    async putLarge({ record, leftMs }) {
      const put = async (redis: Redis) => {
        await readClock(redis);
        const deadline = Math.round(clock.now() + leftMs);
        const payload = record.data instanceof Pieces ? record.data.all : [Buffer.from(record.data)];
        const fields = ['uri', record.uri, 'data', payload, ...marksOf(record), deadlineField, deadline];
        return exchange(redis, commandPieces(['XADD', jobName, '*', ...fields]));
      };
      return String(await largeLink.run(put));
    },
    async remove(ids) {
      await link.run((redis) => redis.xdel(jobName, ...ids));
    },
  };
}
