import { inputTopic } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { positionOf, readToEnd, type Message, type Position, type TopicLog } from '../topicLog.ts';
import type { Standing } from './standing.ts';

/** A job's records that are not answered, partition by partition in the order of the topic. Kafka does not say which of them a
 *  worker has: those are the first ones, as many as the workers report. */
export interface Unanswered {
  readonly jobName: string;
  readonly standings: readonly Standing[];
  /** How many of them workers have. */
  readonly inHand: number;
}

export interface Choice {
  readonly kind: 'taken' | 'waiting';
  readonly count: number;
  /** The id of the record that the page before ended with. */
  readonly after: string | undefined;
}

export async function firstRecords(
  log: TopicLog,
  { jobName, standings, inHand }: Unanswered,
  { kind, count, after }: Choice,
): Promise<readonly Message[]> {
  const found: Message[] = [];
  const behind = after === undefined ? undefined : positionOf(after);
  const shares = sharesOf(standings, inHand);
  for (const [i, standing] of standings.entries()) {
    if (found.length >= count) break;
    if (behind && standing.partition < behind.partition) continue;
    let passed = 0;
    const share = shares[i] ?? 0;
    const place = { topic: inputTopic(jobName), partition: standing.partition, offset: standing.committed };
    if (standing.committed >= standing.end) continue;
    await readToEnd(log, place, (messages) => {
      for (const message of messages) {
        if (standing.isAnswered(message.offset)) continue;
        passed += 1;
        const isWanted = (kind === 'taken') === passed <= share;
        if (isWanted && isBehind(message, behind)) found.push(message);
      }
      return found.length < count && (kind === 'waiting' || passed < share);
    });
  }
  return found.slice(0, count);
}

/** Whether a record is among those that workers have. */
export function isTaken(
  standings: readonly Standing[],
  inHand: number,
  { partition, offset }: Position,
): boolean {
  const at = standings.findIndex((standing) => standing.partition === partition);
  const standing = standings[at];
  if (!standing) return false;
  let before = 0;
  for (let one = standing.committed; one < offset; one += 1n) if (!standing.isAnswered(one)) before += 1;
  return before < (sharesOf(standings, inHand)[at] ?? 0);
}

function isBehind({ partition, offset }: Position, behind: Position | undefined): boolean {
  return !behind || partition > behind.partition || offset > behind.offset;
}

/** How many of the records in flight are taken for those of each partition: evenly, as far as there are any. */
function sharesOf(standings: readonly Standing[], inHand: number): readonly number[] {
  const shares = standings.map(() => 0);
  let rest = Math.min(
    inHand,
    standings.reduce((sum, { left }) => sum + left, 0),
  );
  while (rest > 0)
    for (const [i, { left }] of standings.entries())
      if (rest > 0 && (shares[i] ?? 0) < left) {
        shares[i] = (shares[i] ?? 0) + 1;
        rest -= 1;
      }
  return shares;
}
