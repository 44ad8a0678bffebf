import { ServingError } from '../../../../../schemas/errors.ts';
import type { JobReport } from '../../../../../schemas/jobEvents.ts';
import { inputTopic, kafkaGroup, recordHeaders } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { repeatBounds } from '../../../../../schemas/redis/recordLimits.ts';
import { consumerPrefix } from '../../../../../schemas/redis/redisKeys.ts';
import type {
  ConsumerReport,
  PartitionReport,
  QueueReport,
} from '../../../../../schemas/redis/queueReports.ts';
import { numberOf } from '../../fields.ts';
import type { StoredRecord } from '../../readQueue.ts';
import type { QueueAdmin, Registry } from '../../store.ts';
import { idOf, positionOf, type Member, type Message, type TopicLog } from '../topicLog.ts';
import { describeLetter, letterId, letterOffset, type Letters } from './letters.ts';
import { standingsOf, type Figures, type ReadNotes, type Standing } from './standing.ts';
import { fieldsOfMessage, uriOf } from './storedMessage.ts';
import { firstRecords, isTaken } from './unanswered.ts';

export interface KafkaAdminParts {
  readonly log: TopicLog;
  readonly registry: Registry;
  readonly letters: Letters;
  readonly figures: Figures;
  readonly readNotes: ReadNotes;
  /** In ms since 1970, by the broker's clock. */
  readonly now: () => number;
}

/** Looking into a job's topics, and what people change in them by hand. Nothing is committed by it. */
export function createKafkaAdmin(parts: KafkaAdminParts): QueueAdmin {
  const { log, registry, letters, figures, readNotes, now } = parts;

  async function jobOf(jobName: string): Promise<JobReport | undefined> {
    return (await registry.readJobReports('', () => false)).find((job) => job.jobName === jobName);
  }

  function inHandOf(job: JobReport | undefined): number {
    return job?.workers.reduce((sum, { heartbeat }) => sum + (heartbeat?.inHand ?? 0), 0) ?? 0;
  }

  /** Where a job's records stand, and how many of them the workers have. */
  async function look(jobName: string) {
    const [job, standings] = await Promise.all([jobOf(jobName), standingsOf(log, jobName, readNotes)]);
    return { job, standings, inHand: inHandOf(job) };
  }

  async function report(
    jobName: string,
    storeText: string,
    job: JobReport | undefined,
  ): Promise<QueueReport> {
    const topic = inputTopic(jobName);
    const inHand = inHandOf(job);
    const [queue, standings, ranges, members] = await Promise.all([
      figures.read(jobName, inHand),
      standingsOf(log, jobName, readNotes),
      log.ranges(topic),
      log.members(topic),
    ]);
    const workers = workersOf(job ? [job] : []);
    const left = standings.reduce((sum, one) => sum + one.left, 0);
    return {
      ...queue,
      jobName,
      redis: storeText,
      length: ranges.reduce((sum, { from, to }) => sum + Number(to - from), 0),
      outPerSecond:
        job?.workers.reduce((sum, { heartbeat }) => sum + (heartbeat?.recordsPerSecond ?? 0), 0) ?? 0,
      groups:
        standings.length === 0
          ? []
          : [
              {
                name: kafkaGroup,
                pending: queue.pending,
                behind: left - queue.pending,
                consumerCount: members.length,
                consumers: members.map((member) => consumerOf(member, workers, job)),
              },
            ],
      partitions: standings.map((standing) => partitionOf(standing, members, workers)),
    };
  }

  async function taken(jobName: string, count: number, after: string | undefined) {
    const { job, standings, inHand } = await look(jobName);
    const members = await log.members(inputTopic(jobName));
    const workers = workersOf(job ? [job] : []);
    const records = await firstRecords(log, { jobName, standings, inHand }, { kind: 'taken', count, after });
    return records.map((message) => {
      const owner = members.find(({ partitions }) => partitions.includes(message.partition));
      const worker = owner && workers.get(owner.clientId);
      const uri = uriOf(message);
      return {
        message,
        pending: {
          id: idOf(message),
          ...(uri === undefined ? {} : { uri }),
          consumer: owner?.clientId ?? kafkaGroup,
          ...(worker === undefined ? {} : { worker }),
          idleMs: Math.max(0, Math.round(now() - message.time)),
          deliveries: 1,
        },
      };
    });
  }

  async function waiting(jobName: string, count: number, after: string | undefined) {
    const { standings, inHand } = await look(jobName);
    return firstRecords(log, { jobName, standings, inHand }, { kind: 'waiting', count, after });
  }

  async function workerNames(): Promise<ReadonlyMap<string, string>> {
    const all = await registry.readRegistrations();
    return new Map(all.map(({ workerId, pid, host }) => [workerId, `${pid}@${host}`]));
  }

  return {
    async readQueueReports(storeText, named) {
      const jobs = await registry.readJobReports(storeText, () => false);
      const others = [...new Set(named)].filter((name) => jobs.every(({ jobName }) => jobName !== name));
      const reports = await Promise.all([
        ...jobs.map((job) => report(job.jobName, storeText, job)),
        ...others.map((jobName) => report(jobName, storeText, undefined)),
      ]);
      return reports
        .filter(({ jobName, length, dead }) => !others.includes(jobName) || length + dead > 0)
        .sort((a, b) => (a.jobName < b.jobName ? -1 : 1));
    },
    readQueueFigures: async (jobName) => figures.read(jobName, inHandOf(await jobOf(jobName))),
    async hasForeignConsumer(jobName) {
      const members = await log.members(inputTopic(jobName));
      return members.some(({ clientId }) => !clientId.startsWith(consumerPrefix));
    },
    async readWaitingPage(jobName, { count, after }) {
      const records = await waiting(jobName, count + 1, after);
      const page = records.slice(0, count);
      const last = page.at(-1);
      return {
        records: page.map((message) => {
          const uri = uriOf(message);
          return {
            id: idOf(message),
            ...(uri === undefined ? {} : { uri }),
            at: message.time,
            requeued: numberOf(message.headers.get(recordHeaders.requeued)?.toString(), repeatBounds) ?? 0,
          };
        }),
        ...(last && records.length > count ? { next: idOf(last) } : {}),
      };
    },
    async readPending(jobName, { count, after }) {
      const records = await taken(jobName, count + 1, after);
      const page = records.slice(0, count).map(({ pending }) => pending);
      const last = page.at(-1);
      return { records: page, ...(last && records.length > count ? { next: last.id } : {}) };
    },
    async readDeadLetters(jobName, { count, after }) {
      const [page, workers] = await Promise.all([
        letters.page(jobName, count, belowOf(after)),
        workerNames(),
      ]);
      const records = page.letters.map((letter) => describeLetter(letter, workers));
      const last = records.at(-1);
      return { records, ...(last && page.hasMore ? { next: last.id } : {}) };
    },
    async readRecord(jobName, id) {
      if (letterOffset(id) !== undefined) {
        const letter = await letters.one(jobName, id);
        return letter && deadRecord(letter, await workerNames());
      }
      const position = positionOf(id);
      const { standings, inHand } = await look(jobName);
      const standing = standings.find(({ partition }) => partition === position?.partition);
      if (!position || !standing || position.offset >= standing.end) return undefined;
      const { messages } = await log.read({ topic: inputTopic(jobName), ...position });
      const message = messages.find(({ offset }) => offset === position.offset);
      if (!message) return undefined;
      const isDone = position.offset < standing.committed || standing.isAnswered(position.offset);
      if (isDone) return stored(message, 'answered');
      if (!isTaken(standings, inHand, message)) return stored(message, 'waiting');
      const all = await taken(jobName, inHand, undefined);
      const pending = all.find((one) => one.pending.id === id)?.pending;
      return pending ? { ...stored(message, 'pending'), pending } : stored(message, 'waiting');
    },
    readWaiting: async (jobName, { count, after }) =>
      (await waiting(jobName, count, after)).map((message) => stored(message, 'waiting')),
    readPendingRecords: async (jobName, { count, after }) =>
      (await taken(jobName, count, after)).map(({ message, pending }) => ({
        ...stored(message, 'pending'),
        pending,
      })),
    async readDeadRecords(jobName, { count, after }) {
      const page = await letters.page(jobName, count, belowOf(after));
      const workers = await workerNames();
      return page.letters.map((letter) => deadRecord(letter, workers));
    },

    requeue: (jobName, ids) => letters.requeue(jobName, ids),
    requeueAll: (jobName) => letters.requeueAll(jobName),
    killRecords: (jobName) => Promise.reject(appendOnly(jobName)),
    undo: (jobName) => Promise.reject(appendOnly(jobName)),
    clearWaiting: (jobName) => Promise.reject(appendOnly(jobName)),
    clearDead: (jobName) => Promise.reject(appendOnly(jobName)),
    // Results are never removed: who reads them does not change the topic.
    countResults: () => Promise.resolve(0),
  };
}

function appendOnly(jobName: string): ServingError {
  return new ServingError(
    'kafka-append-only',
    `The queue of "${jobName}" is a topic of Kafka: a record cannot be taken out of it. What is written there goes by the topic's retention, or with kafka-delete-records.sh.`,
  );
}

function belowOf(after: string | undefined): bigint | undefined {
  return after === undefined ? undefined : letterOffset(after);
}

/** `pid@host` by the client id that a worker reads with. */
function workersOf(jobs: readonly JobReport[]): ReadonlyMap<string, string> {
  const registrations = jobs.flatMap((job) => job.workers.map(({ registration }) => registration));
  return new Map(
    registrations.map(({ workerId, pid, host }) => [consumerPrefix + workerId, `${pid}@${host}`]),
  );
}

function consumerOf(
  { clientId }: Member,
  workers: ReadonlyMap<string, string>,
  job: JobReport | undefined,
): ConsumerReport {
  const worker = workers.get(clientId);
  const report = job?.workers.find(({ registration }) => consumerPrefix + registration.workerId === clientId);
  return {
    name: clientId,
    ...(worker === undefined ? {} : { worker }),
    pending: report?.heartbeat?.inHand ?? 0,
    idleMs: 0,
  };
}

function partitionOf(
  { partition, left, committed, end }: Standing,
  members: readonly Member[],
  workers: ReadonlyMap<string, string>,
): PartitionReport {
  const consumer = members.find(({ partitions }) => partitions.includes(partition))?.clientId;
  const worker = consumer === undefined ? undefined : workers.get(consumer);
  return {
    partition,
    lag: left,
    committed: Number(committed),
    end: Number(end),
    ...(consumer === undefined ? {} : { consumer }),
    ...(worker === undefined ? {} : { worker }),
  };
}

function stored(message: Message, state: StoredRecord['state']): StoredRecord {
  return { id: idOf(message), state, ...fieldsOfMessage(message) };
}

function deadRecord(letter: Message, workers: ReadonlyMap<string, string>): StoredRecord {
  return { ...stored(letter, 'dead'), id: letterId(letter), dead: describeLetter(letter, workers) };
}
