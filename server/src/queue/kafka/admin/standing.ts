import type { QueueFigures } from '../../../../../schemas/jobEvents.ts';
import { inputTopic } from '../../../../../schemas/kafka/kafkaTopics.ts';
import type { Message, TopicLog } from '../topicLog.ts';
import type { Letters } from './letters.ts';

/** How far one partition of a job's records is done. */
export interface Standing {
  readonly partition: number;
  /** The first offset that the group has not committed. */
  readonly committed: bigint;
  readonly end: bigint;
  /** Whether a record at or beyond `committed` is answered already. */
  readonly isAnswered: (offset: bigint) => boolean;
  /** Records that are not answered. */
  readonly left: number;
}

/** Reads what the metadata of a commit says of the records beyond it. */
export type ReadNotes = (committed: bigint, metadata: string) => AnsweredBeyond;

export interface AnsweredBeyond {
  readonly count: number;
  readonly has: (offset: bigint) => boolean;
}

/** The partitions of a job's records; none where there is no such topic. */
export async function standingsOf(
  log: TopicLog,
  jobName: string,
  readNotes: ReadNotes,
): Promise<readonly Standing[]> {
  const topic = inputTopic(jobName);
  const ranges = await log.ranges(topic);
  if (ranges.length === 0) return [];
  const commits = await log.committed(topic);
  return ranges.map(({ from, to }, partition) => {
    const commit = commits.get(partition);
    // A commit beyond the end is of a topic of before: this one is read from its beginning.
    const isOurs = commit !== undefined && commit.offset <= to;
    const committed = isOurs && commit.offset > from ? commit.offset : from;
    const beyond = isOurs ? readNotes(commit.offset, commit.metadata) : nothingBeyond;
    const left = Math.max(0, Number(to - committed) - beyond.count);
    return { partition, committed, end: to, isAnswered: beyond.has, left };
  });
}

const nothingBeyond: AnsweredBeyond = { count: 0, has: () => false };

export interface Figures {
  /** @param inHand  how many records the living workers of the job say they have */
  read(jobName: string, inHand: number): Promise<QueueFigures>;
}

/** The figures of queues. What a repeated look would fetch again is kept.
 *  @param now  in ms since 1970, by the broker's clock */
export function createFigures(
  log: TopicLog,
  { letters, readNotes, now }: { letters: Letters; readNotes: ReadNotes; now: () => number },
): Figures {
  /** When the oldest record of a partition was written, by topic, partition and offset. */
  const times = new Map<string, { readonly offset: bigint; readonly time: number | undefined }>();

  async function oldestTime(topic: string, standing: Standing): Promise<number | undefined> {
    if (standing.left === 0) return undefined;
    const key = `${standing.partition} ${topic}`;
    const known = times.get(key);
    if (known?.offset === standing.committed) return known.time;
    const first = await firstLeft(log, topic, standing);
    times.set(key, { offset: standing.committed, time: first?.time });
    return first?.time;
  }

  return {
    async read(jobName, inHand) {
      const topic = inputTopic(jobName);
      const [standings, dead] = await Promise.all([
        standingsOf(log, jobName, readNotes),
        letters.count(jobName),
      ]);
      const oldest = await Promise.all(standings.map((standing) => oldestTime(topic, standing)));
      const since = Math.min(...oldest.flatMap((time) => time ?? []));
      const left = standings.reduce((sum, one) => sum + one.left, 0);
      const pending = Math.min(left, inHand);
      return {
        waiting: left - pending,
        pending,
        dead,
        oldestAgeMs: Number.isFinite(since) ? Math.max(0, Math.round(now() - since)) : 0,
        added: standings.reduce((sum, { end }) => sum + Number(end), 0),
      };
    },
  };
}

/** One message may be as large as the broker allows: a limit below that brings one all the same. */
const oneMessageBytes = 1_024;

async function firstLeft(log: TopicLog, topic: string, standing: Standing): Promise<Message | undefined> {
  let offset = standing.committed;
  while (standing.isAnswered(offset) && offset < standing.end) offset += 1n;
  const { partition } = standing;
  const { messages } = await log.read({ topic, partition, offset }, { maxBytes: oneMessageBytes });
  return messages[0];
}
