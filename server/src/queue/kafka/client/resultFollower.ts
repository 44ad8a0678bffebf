import { setTimeout } from 'node:timers/promises';
import { topicSettings } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { payloadOf, type Payload } from '../../payload.ts';
import type { Position, TopicLog } from '../topicLog.ts';

/** A result as it lies in the topic. */
export interface Result {
  readonly uri: string;
  readonly value: Payload;
}

/** Follows the results of a job, without a group: other clients see the same results, and none is taken away. */
export interface ResultFollower {
  /** Resolves when all that is written from now on will be found. Makes the topic where it is not there. */
  open(): Promise<void>;
  /** What has come since the last time; none where nothing comes within `waitMs`. */
  next(waitMs: number): Promise<readonly Result[]>;
}

/** How long is waited where there is no topic to wait at. */
const absentMs = 100;

/** @param topic  of the results */
export function createResultFollower(log: TopicLog, topic: string): ResultFollower {
  let opening: Promise<void> | undefined;
  let positions: readonly Position[] = [];

  async function findEnds(): Promise<void> {
    if ((await log.ranges(topic)).length === 0) await log.ensure(topic, 1, topicSettings.results);
    positions = (await log.ranges(topic)).map(({ to }, partition) => ({ partition, offset: to }));
  }

  return {
    open() {
      opening ??= findEnds().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async next(waitMs) {
      const parts = await log.readSome(topic, positions, { waitMs });
      const before = positions;
      positions = before.map(({ partition, offset }, i) => ({ partition, offset: parts[i]?.next ?? offset }));
      const hasMoved = positions.some(({ offset }, i) => offset !== before[i]?.offset);
      if (!hasMoved && parts.every(({ end }, i) => end === before[i]?.offset))
        await setTimeout(Math.min(absentMs, waitMs));
      return parts.flatMap(({ messages }) =>
        messages.flatMap(({ key, value }) =>
          key && value ? [{ uri: key.toString(), value: payloadOf(value) }] : [],
        ),
      );
    },
  };
}
