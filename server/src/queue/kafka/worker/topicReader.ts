import { idOf, positionOf, type Position } from '../topicLog.ts';
import type { QueuedRecord } from '../../recordQueue.ts';
import type { Patience } from '../../patience.ts';
import type { FetchedPartition } from '../fetched.ts';
import type { Committed, KafkaClient } from '../kafkaClient.ts';
import { isKafkaReply } from '../kafkaTrouble.ts';
import type { Commit } from './committer.ts';
import type { OwnedPartition } from './ownedPartition.ts';
import { ownPartitions, takeLeastSuspect, type Beginning } from './ownedPartitions.ts';

/** Fetches the partitions that this worker has, ahead of what is asked for, and hands their records out. */
export interface TopicReader {
  /** The worker has these partitions from now on, each from where it is committed. Nothing is handed out before `start`.
   *  @param committed  of all partitions @param present  the processes that are in the group now */
  begin(
    partitions: readonly number[],
    committed: ReadonlyMap<number, Committed>,
    present: ReadonlySet<string>,
  ): Promise<void>;
  start(): void;
  /** Hands nothing out any more; what is handed out may still be finished. */
  pause(): void;
  /** The partitions are another's now. */
  clear(): void;
  /** The next records; [] when none came within the time. Only one call at a time. */
  take(max: number, waitMs: number): Promise<QueuedRecord[]>;
  wake(): void;
  finish(position: Position, hasAnswer: boolean): void;
  /** What is to be committed. @param running  what the model has */
  commits(
    running: { readonly ids: readonly string[]; readonly amongOthers: boolean },
    ends: boolean,
  ): Commit[];
  /** Whether records were handed out beyond what is noted for the next owner. */
  readonly reachesFurther: boolean;
  readonly takenOver: number;
}

export interface TopicReaderOptions {
  readonly client: KafkaClient;
  readonly topic: string;
  /** This process, by a name that no other process has. */
  readonly life: string;
  readonly now: () => number;
  readonly patience: Patience;
  readonly isHeld: (id: string) => boolean;
  /** Another program has deleted the topic, or has made it again. */
  readonly onTopicGone: () => Promise<void>;
  readonly onLoss: (sentence: string) => void;
}

/** A fetch waits this long where nothing is there. */
const fetchWaitMs = 1_000;
const fetchBytes = 2 * 1024 * 1024;
/** Of all partitions: nothing more is fetched while this is not handed out. */
const bufferBytes = 8 * 1024 * 1024;
/** How much is handed out at once: more would keep the worker decoding for longer than the model needs for a run. */
const takeBytes = 2 * 1024 * 1024;
/** A topic that another program makes again is waited for this long. */
const topicGoneMs = 3_000;

const goneReplies = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'] as const;

export function createTopicReader(options: TopicReaderOptions): TopicReader {
  const { client, topic, patience } = options;
  let owned: ReadonlyMap<number, OwnedPartition> = new Map();
  /** Counts what is begun, so that a fetch which comes back later changes nothing. */
  let term = 0;
  let isPaused = true;
  let takenOver = 0;
  let turn = 0;
  let goneSince: number | undefined;
  let arrived: (() => void) | undefined;

  const isCurrent = (mine: number) => mine === term && !isPaused;

  async function begin(
    partitions: readonly number[],
    committed: ReadonlyMap<number, Committed>,
    present: ReadonlySet<string>,
  ): Promise<void> {
    clear();
    const [starts, ends] = await Promise.all([
      client.offsets(topic, 'earliest'),
      client.offsets(topic, 'end'),
    ]);
    const beginnings = partitions.map((partition): Beginning => {
      const start = starts.get(partition) ?? 0n;
      const end = ends.get(partition) ?? 0n;
      const known = committed.get(partition);
      // A commit beyond the end is of a topic of before.
      const isUsable = known !== undefined && known.offset <= end;
      if (isUsable && known.offset < start) sayLoss(partition, start - known.offset);
      const isWhole = isUsable && known.offset >= start;
      return {
        partition,
        committed: isWhole ? known.offset : start,
        metadata: isWhole ? known.metadata : '',
      };
    });
    owned = ownPartitions(beginnings, committed, {
      now: options.now,
      life: options.life,
      present,
      isHeld: (partition, offset) => options.isHeld(idOf({ partition, offset })),
    });
  }

  /** Begins a fetch of each leader that none is under way of. */
  async function fetchAll(mine: number): Promise<void> {
    const free = [...owned.values()].filter(({ fetching }) => !fetching);
    const buffered = [...owned.values()].reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
    if (!isCurrent(mine) || free.length === 0 || buffered >= bufferBytes) return;
    for (const one of free) one.fetching = true;
    try {
      const leaders = (await client.topics([topic])).get(topic)?.leaders ?? [];
      const groups = new Map<number, OwnedPartition[]>();
      for (const one of free) {
        const leader = leaders[one.partition] ?? -1;
        groups.set(leader, [...(groups.get(leader) ?? []), one]);
      }
      for (const [leader, group] of groups) void fetchGroup(mine, group, `fetch ${leader}`);
    } catch (error) {
      await failed(mine, free, error);
    }
  }

  async function fetchGroup(mine: number, group: readonly OwnedPartition[], lane: string): Promise<void> {
    try {
      const places = group.map(({ partition, position }) => ({ topic, partition, offset: position }));
      const parts = await client.fetch(places, { waitMs: fetchWaitMs, maxBytes: fetchBytes, lane });
      if (!isCurrent(mine)) return;
      let trouble: Error | undefined;
      for (const part of parts)
        if (part.error) trouble ??= part.error;
        else owned.get(part.partition)?.accept(part);
      if (parts.some(({ messages }) => messages.length > 0)) arrived?.();
      if (trouble) throw trouble;
      goneSince = undefined;
      patience.over();
      for (const one of group) one.fetching = false;
      void fetchAll(mine);
    } catch (error) {
      await failed(mine, group, error);
    }
  }

  async function failed(mine: number, group: readonly OwnedPartition[], error: unknown): Promise<void> {
    if (!isCurrent(mine)) return;
    try {
      if (isKafkaReply(error, 'OFFSET_OUT_OF_RANGE')) await beginAgain(group);
      else {
        await patience.after(error);
        if (isKafkaReply(error, ...goneReplies)) await lookForTopic();
      }
    } catch (trouble) {
      await patience.after(trouble);
    }
    for (const one of group) one.fetching = false;
    void fetchAll(mine);
  }

  /** Retention has removed what was to be read next, or the topic is another one of the same name. */
  async function beginAgain(group: readonly OwnedPartition[]): Promise<void> {
    const [starts, ends] = await Promise.all([
      client.offsets(topic, 'earliest'),
      client.offsets(topic, 'end'),
    ]);
    for (const { partition, position } of group) {
      const start = starts.get(partition) ?? 0n;
      if (position > (ends.get(partition) ?? 0n)) await options.onTopicGone();
      else if (position < start) {
        sayLoss(partition, start - position);
        const empty: Omit<FetchedPartition, 'error'> = {
          topic,
          partition,
          messages: [],
          next: start,
          end: ends.get(partition) ?? start,
          start,
        };
        owned.get(partition)?.accept({ ...empty, error: undefined });
      }
    }
  }

  async function lookForTopic(): Promise<void> {
    client.forget();
    const isThere = (await client.topics([topic])).has(topic);
    goneSince ??= performance.now();
    if (!isThere && performance.now() - goneSince < topicGoneMs) return;
    goneSince = undefined;
    await options.onTopicGone();
  }

  function sayLoss(partition: number, count: bigint): void {
    options.onLoss(
      `Up to ${count} records of the topic "${topic}" (partition ${partition}) were removed by its retention before a worker came to them. Raise retention.ms or retention.bytes of the topic.`,
    );
  }

  function clear(): void {
    term += 1;
    isPaused = true;
    for (const one of owned.values()) takenOver += one.takenOver;
    owned = new Map();
  }

  /** What is there now. */
  function takeNow(max: number): QueuedRecord[] {
    const all = [...owned.values()];
    if (isPaused || all.length === 0) return [];
    turn += 1;
    const inTurn = all.map((_, i) => all[(i + turn) % all.length] as OwnedPartition);
    const suspect = takeLeastSuspect(inTurn);
    if (suspect) return [suspect];
    const records: QueuedRecord[] = [];
    let bytes = takeBytes;
    for (const [i, one] of inTurn.entries()) {
      const share = Math.ceil((max - records.length) / (inTurn.length - i));
      const taken = one.take({ count: share, bytes: bytes / (inTurn.length - i) });
      for (const { data } of taken) bytes -= data?.length ?? 0;
      records.push(...taken);
      if (records.length >= max || bytes <= 0) break;
    }
    return records;
  }

  return {
    begin,
    start() {
      isPaused = false;
      void fetchAll(term);
    },
    pause() {
      isPaused = true;
    },
    clear,
    async take(max, waitMs) {
      let records = takeNow(max);
      if (records.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          arrived = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        arrived = undefined;
        records = takeNow(max);
      }
      void fetchAll(term);
      return records;
    },
    wake: () => arrived?.(),
    finish({ partition, offset }, hasAnswer) {
      owned.get(partition)?.finish(offset, hasAnswer);
    },
    commits({ ids, amongOthers }, ends) {
      const positions = ids.flatMap((id) => positionOf(id) ?? []);
      return [...owned.values()].map((one) => {
        const mine = positions.filter(({ partition }) => partition === one.partition);
        const running = mine.map(({ offset }) => Number(offset));
        const isAmong = amongOthers || mine.length < positions.length;
        return { partition: one.partition, ...one.commit(running, { amongOthers: isAmong, ends }) };
      });
    },
    get reachesFurther() {
      return [...owned.values()].some((one) => one.reachesFurther);
    },
    get takenOver() {
      return [...owned.values()].reduce((sum, one) => sum + one.takenOver, takenOver);
    },
  };
}
