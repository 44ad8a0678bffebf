import { randomBytes } from 'node:crypto';
import type { SecretKind, SecretPair } from '../../../../../schemas/encryption.ts';
import {
  deadPartitions,
  deadTopic,
  inputTopic,
  kafkaGroup,
  resultTopic,
  topicSettings,
} from '../../../../../schemas/kafka/kafkaTopics.ts';
import { consumerPrefix } from '../../../../../schemas/redis/redisKeys.ts';
import type { Answer, TunedQueue } from '../../recordQueue.ts';
import { createPatiences } from '../../patience.ts';
import { createResultWriter } from '../../resultWriter.ts';
import { noteEveryMs } from '../../runNotes.ts';
import type { KafkaAddress } from '../kafkaAddress.ts';
import { createKafkaClient } from '../kafkaClient.ts';
import { kafkaTroubles } from '../kafkaTrouble.ts';
import { topicLog } from '../openTopicLog.ts';
import { createWorkerEntry } from '../registry/workerEntry.ts';
import { positionOf } from '../topicLog.ts';
import { createCommitter } from './committer.ts';
import { createGroupMember, type GroupMember } from './groupMember.ts';
import { createKafkaResults } from './kafkaResults.ts';
import { answeredBeyond } from './partitionNotes.ts';
import { createTopicReader } from './topicReader.ts';

export interface KafkaQueueOptions {
  readonly address: KafkaAddress;
  readonly jobName: string;
  readonly workerId: string;
  /** After how long without a sign of life the partitions of a worker go to others, in ms. */
  readonly claimIdleMs: number;
  /** How many partitions a topic of records gets that is not there yet. */
  readonly partitions: number;
  readonly readSecret: (kind: SecretKind) => Promise<SecretPair | undefined>;
  /** Called with every trouble with Kafka that is being waited out, and with null when it is over. */
  readonly onTrouble: (message: string | null) => void;
  /** Called with a result that Kafka will never accept, and why; its record is given up. */
  readonly onRefused?: (answer: Answer, reason: string) => void;
  /** Called with what a person is to know of and nothing can be done about, such as records that their retention has removed. */
  readonly onLoss?: (sentence: string) => void;
}

/** How long records in flight are waited for before the partitions go to others. */
const drainMs = 2_000;
/** How long the last commit may take. */
const closeMs = 2_000;

/** The queue of a worker in Kafka. Results are acknowledged by all replicas before the offset of their record is committed, and
 *  that only once all before it are done: a record may be answered twice, and is never lost. */
export function createKafkaQueue(options: KafkaQueueOptions): TunedQueue {
  const { address, jobName, workerId } = options;
  let { claimIdleMs } = options;
  const life = randomBytes(6).toString('hex');
  const topic = inputTopic(jobName);
  const client = createKafkaClient({ ...address, clientId: consumerPrefix + workerId });
  const nextPatience = createPatiences(options.onTrouble);
  const entry = createWorkerEntry(topicLog(client, address.timeoutMs), options.readSecret);
  // Deadlines go by the brokers' clock, as the registry's topic shows it: that of this machine less what it is ahead.
  const now = () => Date.now() - entry.clockAheadMs;
  /** Records that are handed out and not answered. */
  const inFlight = new Set<string>();
  let running: { readonly ids: readonly string[]; readonly amongOthers: boolean } = {
    ids: [],
    amongOthers: false,
  };
  let member: GroupMember | undefined;
  let notedAt = -Infinity;
  let onAnswered: () => void = () => undefined;
  let closed = false;
  /** The partitions go to others. */
  let ends = false;

  const reader = createTopicReader({
    client,
    topic,
    life,
    now,
    patience: nextPatience(),
    isHeld: (id) => inFlight.has(id),
    onTopicGone: async () => {
      await ensureTopics();
      member?.leaveAndJoin();
    },
    onLoss: options.onLoss ?? (() => undefined),
  });
  const committer = createCommitter({
    client,
    group: kafkaGroup,
    topic,
    membership: () => member?.membership,
    commits: () => reader.commits(ends ? { ids: [], amongOthers: false } : running, ends),
    onLost: () => member?.leaveAndJoin(),
    patience: nextPatience(),
  });
  const results = createResultWriter({
    troubles: kafkaTroubles,
    writeOnce: createKafkaResults({ client, jobName, workerId, now, ensureTopics }),
    patience: nextPatience(),
    onRefused: options.onRefused ?? (() => undefined),
  });

  async function ensureTopics(): Promise<void> {
    const wanted = [
      { name: topic, partitions: options.partitions, configs: topicSettings.input },
      { name: resultTopic(jobName), partitions: options.partitions, configs: topicSettings.results },
      {
        name: deadTopic(jobName),
        partitions: Object.keys(deadPartitions).length,
        configs: topicSettings.dead,
      },
    ];
    client.forget();
    const there = await client.topics(wanted.map(({ name }) => name));
    const missing = wanted.filter(({ name }) => !there.has(name));
    if (missing.length > 0) await client.createTopics(missing);
  }

  /** Waits a while for what is in flight, so that the next owner does not answer it again. */
  async function drained(): Promise<void> {
    const end = performance.now() + drainMs;
    while (inFlight.size > 0 && performance.now() < end && !closed)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, end - performance.now());
        onAnswered = () => {
          clearTimeout(timer);
          resolve();
        };
      });
  }

  /** The first commit is made before a record is handed out: a worker that dies of its first one has left a note then. */
  async function onAssigned(partitions: readonly number[], present: ReadonlySet<string>): Promise<void> {
    await reader.begin(partitions, await client.committed(kafkaGroup, topic), present);
    await committer.now();
    reader.start();
  }

  async function onRevoked(isLost: boolean): Promise<void> {
    reader.pause();
    if (!isLost) {
      await drained();
      ends = true;
      await committer.now().catch(() => undefined);
      ends = false;
    }
    reader.clear();
  }

  return {
    now,
    get reconnects() {
      return client.reconnects;
    },
    get takenOver() {
      return reader.takenOver;
    },
    get clockAheadMs() {
      return entry.clockAheadMs;
    },
    async open() {
      await ensureTopics();
      // Whether this user may read for the group is known before the worker says that it is ready.
      await client.committed(kafkaGroup, topic);
      member = createGroupMember({
        client,
        group: kafkaGroup,
        topic,
        life,
        sessionMs: () => claimIdleMs,
        onAssigned,
        onRevoked,
        patience: nextPatience(),
      });
    },
    async take(max, waitMs) {
      const records = await reader.take(max, waitMs);
      for (const { id } of records) inFlight.add(id);
      // How far records are handed out is known to the next owner before many are.
      if (records.length > 0 && reader.reachesFurther) committer.soon();
      return records;
    },
    wake() {
      reader.wake();
      return Promise.resolve();
    },
    async finish(answers) {
      await results.write(answers);
      if (closed) return;
      for (const answer of answers) {
        inFlight.delete(answer.record.id);
        const position = positionOf(answer.record.id);
        const hasAnswer = answer.value !== undefined && answer.reason === undefined;
        if (position) reader.finish(position, hasAnswer);
      }
      const left = running.ids.filter((id) => inFlight.has(id));
      running = { ...running, ids: left };
      committer.soon();
      onAnswered();
    },
    async noteRunning(records, amongOthers = false) {
      running = { ids: records.map(({ id }) => id), amongOthers };
      if (records.some(({ deliveries }) => deliveries > 1)) {
        notedAt = performance.now();
        // Without the note the death would count for none, which is better than not to serve.
        await committer.now().catch(() => undefined);
      } else if (performance.now() - notedAt >= noteEveryMs) {
        notedAt = performance.now();
        await committer.sent();
      }
    },
    // The group is shown that this worker lives by itself, and old records are removed by the topic's retention.
    keepAlive: () => Promise.resolve(),
    trim: () => Promise.resolve(),
    renew: (...args) => entry.renew(...args),
    fail: (...args) => entry.fail(...args),
    forget: (...args) => entry.forget(...args),
    readSecret: (kind) => entry.readSecret(kind),
    isFull: () => entry.isFull(),
    apply(settings) {
      ({ claimIdleMs } = settings);
    },
    async backlog() {
      const [ends_, starts, committed] = await Promise.all([
        client.offsets(topic, 'end'),
        client.offsets(topic, 'earliest'),
        client.committed(kafkaGroup, topic),
      ]);
      let left = 0;
      for (const [partition, end] of ends_) {
        const done = committed.get(partition);
        const from = done?.offset ?? starts.get(partition) ?? 0n;
        left += Number(end - from) - (done ? answeredBeyond(done.offset, done.metadata).count : 0);
      }
      return Math.max(0, left);
    },
    async close() {
      if (closed) return;
      closed = true;
      results.close();
      reader.pause();
      onAnswered();
      // While something is in flight the note says what the model had.
      ends = inFlight.size === 0;
      await withinMs(committer.now(), closeMs);
      committer.close();
      if (member) await withinMs(member.close(), closeMs);
      client.close();
    },
  };
}

/** Waits for what may fail, and no longer than this. */
async function withinMs(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
