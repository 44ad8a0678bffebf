import type { Redis } from 'ioredis';
import type { Registration } from '../../../schemas/jobEvents.ts';
import { repeatBounds, timeBounds } from '../../../schemas/redis/recordLimits.ts';
import type {
  DeadLetter,
  GroupReport,
  Page,
  PendingRecord,
  QueueReport,
  RecordState,
  WaitingRecord,
} from '../../../schemas/redis/queueReports.ts';
import {
  consumerPrefix,
  deadFields,
  deadStream,
  processMark,
  requeuedField,
  servingGroup,
} from '../../../schemas/redis/redisKeys.ts';
import { fieldOf, numberOf, timeOfId } from './fields.ts';
import { runScript, scripts } from './scripts/scripts.ts';
import { readJobReports, readQueueFigures } from './registry/jobReports.ts';
import { payloadOf, type Payload } from './payload.ts';
import { readRegistrations } from './registry/workerRegistry.ts';

/* Looking into queues. Every answer costs the same however long a queue is, and changes nothing in Redis. */

const maxConsumers = 50;
/** One page makes Redis read at most about this much, and one record. */
const pageBytes = 4 * 1024 * 1024;

/** The queues of a Redis, each in O(its groups and consumers): those of registered jobs, and of `named` ones those that
 *  are there.
 *  @param redisText  host:port, as reports say it */
export async function readQueueReports(
  redis: Redis,
  redisText: string,
  named: readonly string[],
): Promise<QueueReport[]> {
  const jobs = await readJobReports(redis, redisText, () => false);
  const others = [...new Set(named)].filter((name) => jobs.every(({ jobName }) => jobName !== name));
  const workers = workerNames(jobs.flatMap((job) => job.workers.map(({ registration }) => registration)));
  const known = await Promise.all([
    ...jobs.map(async ({ jobName, queue, workers: served }) => ({
      ...(await readGroups(redis, jobName, workers)),
      ...queue,
      jobName,
      redis: redisText,
      outPerSecond: served.reduce((sum, { heartbeat }) => sum + (heartbeat?.recordsPerSecond ?? 0), 0),
    })),
    ...others.map(async (jobName) => {
      const [groups, figures] = await Promise.all([
        readGroups(redis, jobName, workers),
        readQueueFigures(redis, jobName),
      ]);
      return { ...groups, ...figures, jobName, redis: redisText, outPerSecond: 0 };
    }),
  ]);
  return known
    .filter(({ jobName, length, dead, groups }) =>
      others.includes(jobName) ? length + dead + groups.length > 0 : true,
    )
    .sort((a, b) => (a.jobName < b.jobName ? -1 : 1));
}

type GroupReply = [name: string, pending: number, lag: number, count: number, consumers: ConsumerReply[]];
type ConsumerReply = [name: string, pending: number, idleMs: number];

async function readGroups(
  redis: Redis,
  jobName: string,
  workers: ReadonlyMap<string, string>,
): Promise<{ length: number; groups: GroupReport[] }> {
  const [length, groups] = (await runScript(redis, scripts.groups, [jobName], [maxConsumers])) as [
    number,
    GroupReply[],
  ];
  return {
    length,
    groups: groups.map(([name, pending, lag, consumerCount, consumers]) => ({
      name,
      pending,
      ...(lag < 0 ? {} : { behind: lag }),
      consumerCount,
      consumers: consumers
        .map(([consumer, held, idleMs]) => ({
          name: consumer,
          ...workerOf(consumer, workers),
          pending: held,
          idleMs,
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    })),
  };
}

/** The workers that this Redis knows, `pid@host` by their consumers' names. */
export async function readWorkerNames(redis: Redis): Promise<ReadonlyMap<string, string>> {
  return workerNames(await readRegistrations(redis));
}

function workerNames(registrations: readonly Registration[]): ReadonlyMap<string, string> {
  return new Map(
    registrations.map(({ workerId, pid, host }) => [consumerPrefix + workerId, `${pid}@${host}`]),
  );
}

function workerOf(consumer: string, workers: ReadonlyMap<string, string>): { worker?: string } {
  // Each process of a worker on Flink has a name of its own behind the worker's.
  const worker = workers.get(consumer) ?? workers.get(consumer.slice(0, consumer.lastIndexOf(processMark)));
  return worker === undefined ? {} : { worker };
}

export interface PageRequest {
  readonly count: number;
  /** Where the page before this one ended; undefined for the first. */
  readonly after: string | undefined;
}

/** A page of what no worker was given yet, in the order in which it will be. */
export async function readWaitingPage(
  redis: Redis,
  jobName: string,
  { count, after = '' }: PageRequest,
): Promise<Page<WaitingRecord>> {
  const args = [servingGroup, after, count, pageBytes];
  const [more, entries] = (await runScript(redis, scripts.waiting, [jobName], args)) as [
    number,
    StreamEntry[],
  ];
  const records = entries.map(([id, fields]) => {
    const uri = fieldOf(fields, 'uri');
    return {
      id,
      ...(uri === undefined ? {} : { uri }),
      at: timeOfId(id),
      requeued: numberOf(fieldOf(fields, requeuedField), repeatBounds) ?? 0,
    };
  });
  const last = records.at(-1);
  return { records, ...(last && more === 1 ? { next: last.id } : {}) };
}

/** A page of what consumers were given and have not answered, the oldest first. */
export async function readPending(
  redis: Redis,
  jobName: string,
  { count, after = '' }: PageRequest,
): Promise<Page<PendingRecord>> {
  const workers = await readWorkerNames(redis);
  const args = [servingGroup, after, count, pageBytes];
  const entries = (await runScript(redis, scripts.pending, [jobName], args)) as PendingReply[];
  const records = entries.map(([id, consumer, idleMs, deliveries, uri]) => ({
    id,
    ...(uri === null ? {} : { uri }),
    consumer,
    ...workerOf(consumer, workers),
    idleMs,
    deliveries,
  }));
  const last = records.at(-1);
  return { records, ...(last && records.length === count ? { next: last.id } : {}) };
}

type PendingReply = [id: string, consumer: string, idleMs: number, deliveries: number, uri: string | null];

/** A page of dead letters, the newest first. */
export async function readDeadLetters(
  redis: Redis,
  jobName: string,
  { count, after = '' }: PageRequest,
): Promise<Page<DeadLetter>> {
  const workers = await readWorkerNames(redis);
  const args = [after, count, pageBytes];
  const [more, entries] = (await runScript(redis, scripts.letters, [deadStream(jobName)], args)) as [
    number,
    StreamEntry[],
  ];
  const records = entries.map((entry) => deadLetter(entry, workers));
  const last = records.at(-1);
  return { records, ...(last && more === 1 ? { next: last.id } : {}) };
}

type StreamEntry = [id: string, fields: string[]];

function deadLetter([id, fields]: StreamEntry, workers: ReadonlyMap<string, string>): DeadLetter {
  const uri = fieldOf(fields, 'uri');
  const consumer = fieldOf(fields, deadFields.worker);
  const originalId = fieldOf(fields, deadFields.id);
  return {
    id,
    ...(uri === undefined ? {} : { uri }),
    reason: fieldOf(fields, deadFields.reason) ?? '',
    at: numberOf(fieldOf(fields, deadFields.time), timeBounds) ?? timeOfId(id),
    deliveries: numberOf(fieldOf(fields, deadFields.deliveries), repeatBounds) ?? 0,
    ...(consumer === undefined ? {} : { consumer, ...workerOf(consumer, workers) }),
    ...(originalId === undefined ? {} : { originalId }),
    requeued: numberOf(fieldOf(fields, requeuedField), repeatBounds) ?? 0,
  };
}

/** A record with its payload, not decoded. */
export interface StoredRecord {
  readonly id: string;
  readonly state: RecordState;
  readonly uri: string | undefined;
  readonly data: Payload | undefined;
  readonly serde: string | undefined;
  readonly pending?: PendingRecord;
  readonly dead?: DeadLetter;
}

/** The record of this id, in the stream or among the dead letters. */
export async function readRecord(
  redis: Redis,
  jobName: string,
  id: string,
): Promise<StoredRecord | undefined> {
  const [entry] = await readEntries(redis, jobName, id, id);
  if (entry) return standing(redis, jobName, entry, await readWorkerNames(redis));
  const [letter] = await readEntries(redis, deadStream(jobName), id, id);
  return letter && deadRecord(letter, await readWorkerNames(redis));
}

/** The first records that no worker has taken yet. */
export async function readWaiting(
  redis: Redis,
  jobName: string,
  request: PageRequest,
): Promise<StoredRecord[]> {
  const after = request.after ?? (await lastDelivered(redis, jobName));
  const entries = await readEntries(redis, jobName, `(${after}`, '+', request.count);
  return entries.map((entry) => stored(entry, 'waiting'));
}

/** The oldest records that consumers hold, with their payloads. */
export async function readPendingRecords(
  redis: Redis,
  jobName: string,
  request: PageRequest,
): Promise<StoredRecord[]> {
  const { records } = await readPending(redis, jobName, request);
  const entries = await Promise.all(records.map(({ id }) => readEntries(redis, jobName, id, id)));
  return records.flatMap((pending, i) =>
    (entries[i] ?? []).map((entry) => ({ ...stored(entry, 'pending'), pending })),
  );
}

/** The newest dead letters, with their payloads. */
export async function readDeadRecords(
  redis: Redis,
  jobName: string,
  { count, after }: PageRequest,
): Promise<StoredRecord[]> {
  const workers = await readWorkerNames(redis);
  const from = after === undefined ? '+' : `(${after}`;
  const letters = await redis.xrevrangeBuffer(deadStream(jobName), from, '-', 'COUNT', count);
  return letters.map((letter) => deadRecord(withPayload(letter), workers));
}

/** Entries whose payloads may be of the typed form. */
async function readEntries(
  redis: Redis,
  stream: string,
  from: string,
  to: string,
  count = 1,
): Promise<PayloadEntry[]> {
  return (await redis.xrangeBuffer(stream, from, to, 'COUNT', count)).map(withPayload);
}

type PayloadEntry = readonly [id: string, fields: readonly Payload[]];

function withPayload([id, fields]: [id: Buffer, fields: Buffer[]]): PayloadEntry {
  return [id.toString(), fields.map(payloadOf)];
}

function textOf(fields: readonly Payload[], name: string): string | undefined {
  const value = fieldOf(fields, name);
  return value === undefined ? undefined : String(value);
}

function deadRecord(entry: PayloadEntry, workers: ReadonlyMap<string, string>): StoredRecord {
  return { ...stored(entry, 'dead'), dead: deadLetter([entry[0], entry[1].map(String)], workers) };
}

async function standing(
  redis: Redis,
  jobName: string,
  entry: PayloadEntry,
  workers: ReadonlyMap<string, string>,
): Promise<StoredRecord> {
  const reply = (await runScript(redis, scripts.standing, [jobName], [servingGroup, entry[0]])) as
    'waiting' | 'answered' | [consumer: string, idleMs: number, deliveries: number];
  if (typeof reply === 'string') return stored(entry, reply);
  const [consumer, idleMs, deliveries] = reply;
  const record = stored(entry, 'pending');
  const named = record.uri === undefined ? {} : { uri: record.uri };
  const pending = { id: record.id, ...named, consumer, ...workerOf(consumer, workers), idleMs, deliveries };
  return { ...record, pending };
}

function stored([id, fields]: PayloadEntry, state: RecordState): StoredRecord {
  return {
    id,
    state,
    uri: textOf(fields, 'uri'),
    data: fieldOf(fields, 'data'),
    serde: textOf(fields, 'serde'),
  };
}

/** 0-0 while there is no group: then all entries wait. */
async function lastDelivered(redis: Redis, jobName: string): Promise<string> {
  if ((await redis.type(jobName)) !== 'stream') return '0-0';
  const groups = (await redis.xinfo('GROUPS', jobName)) as (string | number)[][];
  const serving = groups.find((group) => group[group.indexOf('name') + 1] === servingGroup);
  return serving ? String(serving[serving.indexOf('last-delivered-id') + 1]) : '0-0';
}
