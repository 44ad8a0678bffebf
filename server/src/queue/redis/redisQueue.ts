import type { Redis } from 'ioredis';
import { ServingError } from '../../../../schemas/errors.ts';
import {
  consumerPrefix,
  resultPrefix,
  runningField,
  runsKey,
  servingGroup,
  writeProbeKey,
} from '../../../../schemas/redis/redisKeys.ts';
import type { RedisAddress } from './redisAddress.ts';
import { createPatiences } from '../patience.ts';
import { payloadOf, type Payload } from '../payload.ts';
import { CommandWriter, exchange } from './rawCommand.ts';
import { recordOf, recordWords } from './recordFields.ts';
import type { Answer, QueuedRecord, QueueSettings, TunedQueue } from '../recordQueue.ts';
import { createRedisClock, setClock } from './redisClock.ts';
import { createRedisLink } from './redisLink.ts';
import { isDenied, isReply, redisTroubles } from './redisTrouble.ts';
import { createRedisResults } from './redisResults.ts';
import { createResultWriter } from '../resultWriter.ts';
import { runScript, runScriptForBytes, scripts } from '../scripts/scripts.ts';
import { deathFieldsOf, noteEveryMs } from '../runNotes.ts';
import { readServerFacts, requireSuitable } from './serverFacts.ts';
import { readSecret } from '../secrets.ts';
import { readQueueFigures } from '../registry/jobReports.ts';
import { isFull, register, renew, unregister } from '../registry/workerRegistry.ts';

export interface RedisQueueOptions extends QueueSettings {
  readonly address: RedisAddress;
  readonly jobName: string;
  readonly workerId: string;
  /** For a process that goes on as a worker that died: what that one had is none of its own. */
  readonly consumerSuffix?: string;
  /** Called with every trouble with Redis that is being waited out, and with null when it is over. */
  readonly onTrouble: (message: string | null) => void;
  /** Called with a result that Redis will never accept, and why; its record is given up. */
  readonly onRefused?: (answer: Answer, reason: string) => void;
}

/** A read waits at most this long, so that a stop or a take-over never waits longer. */
const maxBlockMs = 2_000;
/** How much longer than it asked for a read may take before its connection is given up. */
const watchdogMs = 2_000;
/** How much one read may bring; with large records fewer are asked for. More would keep us decoding for longer than the
 *  model needs for a run, and it would wait for us. */
const takeBytes = 2 * 1024 * 1024;
/** A record that Redis thinks we have and we know nothing of was lost with a connection once it is this old. */
const lostAfterMs = maxBlockMs + watchdogMs;
const takeOverPage = 256;

/** The last note is removed within this time, or left. */
const closeMs = 1_000;

type StreamEntry = [id: string, fields: Payload[]];

/** When records were read, by Redis's clock and by the monotonic one. */
interface ReadAt {
  readonly storeMs: number;
  readonly steadyMs: number;
}

type PendingEntry = [id: string, owner: string, idleMs: number, deliveries: number];

export function createRedisQueue(options: RedisQueueOptions): TunedQueue {
  const { jobName } = options;
  let { claimIdleMs, resultTtlSeconds } = options;
  const consumer = consumerPrefix + options.workerId + (options.consumerSuffix ?? '');
  const prefix = resultPrefix(jobName);
  const runs = runsKey(jobName);
  // Blocking reads need a connection of their own: on a shared one, results would wait behind them.
  const reader = createRedisLink(options.address);
  const writer = createRedisLink(options.address);
  // Results go past the client library, which would take their replies for those of the writer's other commands.
  const finisher = createRedisLink(options.address);
  const clock = createRedisClock();
  const nextPatience = createPatiences(options.onTrouble);
  const reading = nextPatience();
  const results = createResultWriter({
    troubles: redisTroubles,
    writeOnce: createRedisResults({
      link: finisher,
      jobName,
      consumer,
      resultTtlSeconds: () => resultTtlSeconds,
      clock,
    }),
    patience: nextPatience(),
    onRefused: options.onRefused ?? (() => undefined),
  });
  /** Since when, by the monotonic clock, each record is in flight or was last renewed. */
  const inHand = new Map<string, number>();
  const takeOverEveryMs = () => Math.min(5_000, Math.max(100, claimIdleMs / 4));

  let closed = false;
  let takenOver = 0;
  let nextTakeOver = 0;
  let nextConsumerCheck = 0;
  let bytesPerRecord = takeBytes / 64;
  /** Redis may have lost the group, or a client may have made it where older records would be skipped. */
  let groupInDoubt = false;
  /** The entry up to which all was acknowledged at the last renewal. */
  let acknowledged = '0-0';
  let notedAt = -Infinity;

  /** @param at  when they were read, by Redis's clock and by the monotonic one */
  function toRecord([id, fields]: StreamEntry, at: ReadAt, deliveries = 1, deaths = -1): QueuedRecord {
    const record = recordOf(id, fields, { storeMs: at.storeMs, deliveries, deaths });
    inHand.set(id, at.steadyMs);
    bytesPerRecord += ((record.data?.length ?? 0) + 200 - bytesPerRecord) / 32;
    return record;
  }

  const readAt = (): ReadAt => ({ storeMs: clock.now(), steadyMs: performance.now() });

  /** How many records are asked for at once. */
  function portion(max: number): number {
    return Math.max(1, Math.min(max, Math.floor(takeBytes / bytesPerRecord)));
  }

  async function readNew(max: number, waitMs: number): Promise<QueuedRecord[]> {
    const count = portion(max);
    const blockMs = Math.max(1, Math.min(waitMs, maxBlockMs, nextTakeOver - performance.now()));
    const command = new CommandWriter();
    command.begin(11);
    command.add(
      'XREADGROUP',
      'GROUP',
      servingGroup,
      consumer,
      'COUNT',
      count,
      'BLOCK',
      Math.ceil(blockMs),
      'STREAMS',
      jobName,
      '>',
    );
    const reply = (await reader.run(
      (redis) => exchange(redis, command.bytes, recordWords),
      blockMs + watchdogMs,
    )) as [stream: string, entries: StreamEntry[]][] | null;
    const at = readAt();
    return (reply?.[0]?.[1] ?? []).map((entry) => toRecord(entry, at));
  }

  /** Records that a dead worker left, and those that went lost between Redis and us when a connection broke. */
  async function readLeft(max: number): Promise<QueuedRecord[]> {
    const pending = (idleMs: number, count: number, ...owner: string[]) =>
      reader.run(
        (redis) =>
          redis.call('XPENDING', jobName, servingGroup, 'IDLE', idleMs, '-', '+', count, ...owner) as Promise<
            PendingEntry[]
          >,
      );
    const page = portion(Math.min(max, takeOverPage));
    const left = await pending(claimIdleMs, page + inHand.size);
    const lost = await pending(Math.min(lostAfterMs, claimIdleMs), page + inHand.size, consumer);
    const candidates = new Map([...left, ...lost].map((entry) => [entry[0], entry]));
    for (const id of inHand.keys()) candidates.delete(id);
    if (candidates.size === 0) {
      nextTakeOver = performance.now() + takeOverEveryMs();
      if (performance.now() >= nextConsumerCheck) {
        nextConsumerCheck = performance.now() + claimIdleMs;
        await reader.run((redis) =>
          runScript(redis, scripts.dropConsumers, [jobName, runs], [servingGroup, claimIdleMs, consumer]),
        );
      }
      return [];
    }
    const entries = [...candidates.values()].slice(0, page);
    const taken = (await reader.run((redis) =>
      runScriptForBytes(
        redis,
        scripts.takeOver,
        [jobName, runs],
        [
          servingGroup,
          consumer,
          Math.min(lostAfterMs, claimIdleMs),
          prefix,
          consumerPrefix,
          ...entries.flatMap(([id, owner, , deliveries]) => [id, owner, deliveries]),
        ],
      ),
    )) as [id: Buffer, deliveries: number, fields: Buffer[], deaths: number][];
    takenOver += taken.length;
    const at = readAt();
    return taken.map(([id, deliveries, fields, deaths]) =>
      toRecord([id.toString(), fields.map(payloadOf)], at, deliveries + 1, deaths),
    );
  }

  async function makeGroup(redis: Redis): Promise<void> {
    const keys = [jobName, writeProbeKey];
    await runScript(redis, scripts.makeGroup, keys, [servingGroup, consumer, acknowledged]);
    await note(redis, []);
  }

  async function note(redis: Redis, ids: readonly string[]): Promise<void> {
    await runScript(redis, scripts.noteRunning, [runs], [consumer, ids.join(' ')]);
  }

  /** Forgets how many workers died of records that are answered. Where that fails a few bytes stay. */
  function forgetDeaths(answers: readonly Answer[]): void {
    const { answered, ended } = deathFieldsOf(answers);
    if (ended.length > 0) writer.run((redis) => redis.hdel(runs, ...ended)).catch(() => undefined);
    if (answered.length > 0)
      writer.run((redis) => runScript(redis, scripts.forgetDeaths, [runs], answered)).catch(() => undefined);
  }

  return {
    get reconnects() {
      return [reader, writer, finisher].reduce(
        (sum, { connections }) => sum + Math.max(0, connections - 1),
        0,
      );
    },
    get takenOver() {
      return takenOver;
    },
    now: () => clock.now(),
    get clockAheadMs() {
      return clock.aheadMs();
    },
    async open() {
      await writer.run(async (redis) => {
        requireSuitable(options.address, await readServerFacts(redis));
        await setClock(clock, redis);
        await makeGroup(redis).catch((error: unknown) => {
          throw isReply(error, 'WRONGTYPE') ? notAStream() : error;
        });
      });
    },
    async take(max, waitMs) {
      try {
        const records = await takeSome(max, waitMs);
        reading.over();
        return records;
      } catch (error) {
        if (closed) return [];
        groupInDoubt = true;
        nextTakeOver = 0;
        // Redis was flushed or the stream deleted: the next take makes the group again, as at the start.
        if (isReply(error, 'NOGROUP') || isReply(error, 'UNBLOCKED')) return [];
        await reading.after(isReply(error, 'WRONGTYPE') ? notAStream() : error);
        return [];
      }
    },
    async wake() {
      const id = reader.clientId;
      if (id === undefined) return;
      try {
        await writer.run((redis) => redis.client('UNBLOCK', id));
      } catch (error) {
        // Most users of a managed Redis may not: the read ends by itself soon.
        if (!isDenied(error)) throw error;
      }
    },
    async finish(answers) {
      await results.write(answers);
      if (closed) return;
      for (const { record } of answers) inHand.delete(record.id);
      forgetDeaths(answers);
    },
    async noteRunning(records, amongOthers = false) {
      const ids = records.map(({ id }) => id);
      // Only a note that is one id alone counts.
      if (amongOthers) ids.push('others');
      if (records.some(({ deliveries }) => deliveries > 1)) {
        // Without the note the death would count for none, which is better than not to serve.
        await writer.run((redis) => note(redis, ids)).catch(() => undefined);
        notedAt = performance.now();
        return;
      }
      if (writer.clientId === undefined || performance.now() - notedAt < noteEveryMs) return;
      notedAt = performance.now();
      await new Promise<void>((resolve) => {
        // What is sent arrives, whatever becomes of this process; its answer need not be waited for.
        const send = (redis: Redis) => {
          const noted = note(redis, ids);
          resolve();
          return noted;
        };
        writer.run(send).catch(() => resolve());
      });
    },
    async keepAlive() {
      const since = performance.now() - claimIdleMs / 3;
      const old = [...inHand].filter(([, at]) => at < since).map(([id]) => id);
      if (old.length === 0) return;
      await writer.run((redis) =>
        runScript(redis, scripts.keepAlive, [jobName], [servingGroup, consumer, ...old]),
      );
      const now = performance.now();
      for (const id of old) if (inHand.has(id)) inHand.set(id, now);
    },
    async trim() {
      await writer.run((redis) => runScript(redis, scripts.trim, [jobName], [0]));
    },
    async renew(registration, heartbeat) {
      const askedAt = performance.now();
      const renewed = await writer.run((redis) => renew(redis, registration, heartbeat, acknowledged));
      clock.observe(renewed.redisMs, askedAt);
      acknowledged = renewed.acknowledged;
      return { stop: renewed.stopAsked, reload: renewed.reloadAsked };
    },
    async fail(registration, failure) {
      await writer.run((redis) => register(redis, { ...registration, failure }));
    },
    async forget(workerId) {
      await writer.run((redis) => unregister(redis, workerId));
    },
    readSecret: (kind) => writer.run((redis) => readSecret(redis, kind)),
    isFull: () => writer.run(isFull),
    apply(settings) {
      ({ claimIdleMs, resultTtlSeconds } = settings);
    },
    async backlog() {
      const { waiting, pending } = await writer.run((redis) => readQueueFigures(redis, jobName));
      return waiting + pending;
    },
    async close() {
      closed = true;
      results.close();
      // While something is in flight the note says what the model had.
      if (inHand.size === 0 && writer.clientId !== undefined)
        await writer
          .run((redis) => redis.hdel(runs, runningField + consumer), closeMs)
          .catch(() => undefined);
      reader.close();
      writer.close();
      finisher.close();
    },
  };

  async function takeSome(max: number, waitMs: number): Promise<QueuedRecord[]> {
    if (groupInDoubt) {
      await reader.run(makeGroup);
      groupInDoubt = false;
    }
    const left = performance.now() >= nextTakeOver ? await readLeft(max) : [];
    return left.length > 0 ? left : readNew(max, waitMs);
  }

  function notAStream(): ServingError {
    return new ServingError(
      'redis-failed',
      `The key "${jobName}" in Redis is not a stream. Choose another jobName, or delete the key.`,
    );
  }
}
