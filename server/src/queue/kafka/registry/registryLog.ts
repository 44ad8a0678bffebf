import {
  registryKeys,
  registryLookBackMs,
  registryPartitions,
  registryTopic,
  topicSettings,
} from '../../../../../schemas/kafka/kafkaTopics.ts';
import { isKafkaReply } from '../kafkaTrouble.ts';
import { readToEnd, type Position, type TopicLog } from '../topicLog.ts';
import { createRegistryView, type RegistryView } from './registryView.ts';

/** The topic of the registry, as one program sees it. */
export interface RegistryLog {
  /** As of the last `refresh`. */
  readonly view: RegistryView;
  /** Reads what has come since the last time; the first time all entries, and the heartbeats of the last seconds. */
  refresh(): Promise<void>;
  /** Writes entries, in order; makes the topic where it is not there. */
  write(entries: readonly NewEntry[]): Promise<void>;
  /** In ms since 1970, by the broker's clock as far as it is known. */
  now(): number;
  /** How far this machine's clock is ahead of the broker's, in ms; 0 until it is known. */
  readonly aheadMs: number;
}

export interface NewEntry {
  readonly kind: keyof typeof registryKeys;
  readonly id: string;
  /** null: it is no longer true. */
  readonly text: string | null;
}

export interface RegistryLogOptions {
  /** Heartbeats are left out by who looks only at what is asked. */
  readonly withBeats?: boolean;
  /** This machine's clock, in ms since 1970. */
  readonly clock?: () => number;
}

const { entries: entryPartition, beats: beatPartition } = registryPartitions;
const partitionCount = Object.keys(registryPartitions).length;
const beatKinds: readonly NewEntry['kind'][] = ['beat', 'frontend', 'clock'];
/** How often the broker's clock is looked at. */
const clockEveryMs = 60_000;

export function createRegistryLog(
  log: TopicLog,
  { withBeats = true, clock = Date.now }: RegistryLogOptions = {},
): RegistryLog {
  const view = createRegistryView();
  let nextEntry: bigint | undefined;
  let nextBeat: bigint | undefined;
  let aheadMs = 0;
  let clockAt: number | undefined;
  /** One at a time: two would take the same messages twice, or out of order. */
  let refreshing: Promise<void> = Promise.resolve();

  const now = () => clock() - aheadMs;

  async function append(entries: readonly NewEntry[]): Promise<readonly Position[]> {
    const messages = entries.map(({ kind, id, text }) => ({
      topic: registryTopic,
      partition: beatKinds.includes(kind) ? beatPartition : entryPartition,
      key: registryKeys[kind] + id,
      value: text,
    }));
    try {
      return await log.append(messages);
    } catch (error) {
      if (!isKafkaReply(error, 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID')) throw error;
      await log.ensure(registryTopic, partitionCount, topicSettings.registry);
      return log.append(messages);
    }
  }

  /** A message of one's own comes back with the broker's time. */
  async function readClock(): Promise<void> {
    clockAt = clock();
    try {
      const before = clock();
      const [at] = await append([{ kind: 'clock', id: '', text: null }]);
      const after = clock();
      if (!at) return;
      const { messages } = await log.read({ topic: registryTopic, ...at });
      const own = messages.find(({ offset }) => offset === at.offset);
      if (own) aheadMs = Math.round((before + after) / 2 - own.time);
    } catch (error) {
      // One that may only read goes by its own clock.
      if (!isKafkaReply(error, 'TOPIC_AUTHORIZATION_FAILED')) throw error;
    }
  }

  async function refreshNow(): Promise<void> {
    const ranges = await log.ranges(registryTopic);
    const [entries, beats] = [ranges[entryPartition], ranges[beatPartition]];
    const isAnother = (range: { readonly to: bigint } | undefined, at: bigint | undefined) =>
      at !== undefined && (range?.to ?? 0n) < at;
    if (!entries || isAnother(entries, nextEntry) || isAnother(beats, nextBeat)) {
      view.clear();
      nextEntry = nextBeat = undefined;
    }
    if (!entries) return;
    nextEntry = await follow(entryPartition, nextEntry ?? entries.from);
    if (!withBeats || !beats) return;
    if (clockAt === undefined || clock() - clockAt > clockEveryMs) await readClock();
    nextBeat ??=
      (await log.offsetsAt(registryTopic, now() - registryLookBackMs))[beatPartition] ?? beats.from;
    nextBeat = await follow(beatPartition, nextBeat);
  }

  function follow(partition: number, offset: bigint): Promise<bigint> {
    return readToEnd(log, { topic: registryTopic, partition, offset }, (messages) => view.take(messages));
  }

  return {
    view,
    now,
    get aheadMs() {
      return aheadMs;
    },
    refresh() {
      const mine = refreshing.catch(() => undefined).then(refreshNow);
      refreshing = mine;
      return mine;
    },
    async write(entries) {
      await append(entries);
    },
  };
}
