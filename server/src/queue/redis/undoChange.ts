import type { Redis } from 'ioredis';
import type { ChangeReport, MovedRecord, Undo } from '../../../../schemas/redis/queueReports.ts';
import { deadStream, resultPrefix, servingGroup } from '../../../../schemas/redis/redisKeys.ts';
import { runScript, scripts } from '../scripts/scripts.ts';

/** This many records go in one script; Redis answers others between two. */
const portion = 100;

/** Takes back that letters were put back, or that records were made letters. What has happened since stays: such a record
 *  is refused. @param resultTtlSeconds  how long a NaN that comes back stays; 0 is until it is read */
export async function undo(
  redis: Redis,
  jobName: string,
  { change, records }: Undo,
  resultTtlSeconds: number,
): Promise<ChangeReport> {
  const refused: ChangeReport['refused'][number][] = [];
  const keys = [jobName, deadStream(jobName)];
  for (let at = 0; at < records.length; at += portion) {
    const some = records.slice(at, at + portion);
    const outcomes = (await (change === 'kill'
      ? runScript(redis, scripts.undoKill, keys, [resultPrefix(jobName), ...some.map(({ id }) => id)])
      : runScript(redis, scripts.undoRequeue, keys, [
          servingGroup,
          resultPrefix(jobName),
          resultTtlSeconds,
          ...some.flatMap(wordsOf),
        ]))) as readonly string[];
    some.forEach(({ id }, i) => {
      const why = reasons[change][outcomes[i] ?? 'missing'];
      if (why !== undefined) refused.push({ id, why });
    });
  }
  return { jobName, done: records.length - refused.length, refused };
}

function wordsOf({ id, words = [], hadNaN = false }: MovedRecord): readonly (string | number)[] {
  return [id, hadNaN ? 1 : 0, words.length, ...words];
}

const reasons: Readonly<Record<Undo['change'], Readonly<Record<string, string>>>> = {
  requeue: {
    taken: 'A worker has taken it meanwhile.',
    missing: 'It is answered or has been removed meanwhile.',
  },
  kill: {
    read: 'Its client has got the NaN meanwhile. It stays a dead letter, which can be put back.',
    missing: 'It is not among the dead letters any more.',
  },
};
