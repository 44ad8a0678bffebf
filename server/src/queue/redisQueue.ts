import type { Redis } from 'ioredis';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import {
  consumerPrefix,
  deadStream,
  deadlineField,
  deathsField,
  resultPrefix,
  runningField,
  runsKey,
  servingGroup,
  sharedByField,
  stopKey,
} from '../../../schemas/redisKeys.ts';
import { isReplyError, type RedisAddress } from './connectRedis.ts';
import { CommandWriter, exchange } from './rawCommand.ts';
import type { Answer, QueuedRecord, RecordQueue } from './recordQueue.ts';
import { createRedisLink } from './redisLink.ts';
import {
  dropConsumersScript,
  finishScript,
  keepAliveScript,
  makeGroupScript,
  noteRunningScript,
  runScript,
  takeOverScript,
  trimScript,
} from './scripts.ts';

export interface RedisQueueOptions {
  readonly address: RedisAddress;
  readonly jobName: string;
  readonly workerId: string;
  /** After how long without a sign of life a record is taken from its owner. */
  readonly claimIdleMs: number;
  /** 0: results are kept until somebody reads them. */
  readonly resultTtlSeconds: number;
  /** Told of every trouble with Redis that is being waited out, and with null when it is over. */
  readonly onTrouble: (message: string | null) => void;
}

export interface RedisQueue extends RecordQueue {
  /** Connections made in place of lost ones. */
  readonly reconnects: number;
  readonly takenOver: number;
  /** Runs a command beside the queue's own, on the connection that does not block. */
  run<T>(use: (redis: Redis) => Promise<T>): Promise<T>;
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
const firstRetryMs = 50;
const lastRetryMs = 1_000;

/** Between notes of what the model has, for records that were never left behind: where runs are longer each is noted, where
 *  they are shorter the notes must cost next to nothing. */
const noteEveryMs = 20;

/** The fields that a record may have. */
const recordFields = ['uri', 'data', 'serde', deadlineField, sharedByField];

type StreamEntry = [id: string, fields: string[]];
type PendingEntry = [id: string, owner: string, idleMs: number, deliveries: number];

export function createRedisQueue(options: RedisQueueOptions): RedisQueue {
  const { jobName, claimIdleMs } = options;
  const consumer = consumerPrefix + options.workerId;
  const prefix = resultPrefix(jobName);
  const runs = runsKey(jobName);
  // Blocking reads need a connection of their own: on a shared one, results would wait behind them.
  const reader = createRedisLink(options.address);
  const writer = createRedisLink(options.address);
  // Results go past the client library, which would take their replies for those of the writer's other commands.
  const finisher = createRedisLink(options.address);
  let commands = new CommandWriter();
  const inHand = new Map<string, number>();
  const takeOverEveryMs = Math.min(5_000, Math.max(100, claimIdleMs / 4));

  let closed = false;
  let takenOver = 0;
  let nextTakeOver = 0;
  let nextConsumerCheck = 0;
  let bytesPerRecord = takeBytes / 64;
  let notedAt = -Infinity;
  let retryMs = firstRetryMs;
  let troubled = false;

  /** Waits before the next attempt. A READONLY or LOADING Redis, a refused connection, a watchdog: all are waited out alike. */
  async function afterTrouble(error: unknown): Promise<void> {
    troubled = true;
    options.onTrouble(messageOf(error));
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(lastRetryMs, retryMs * 2);
    nextTakeOver = 0;
  }

  function afterSuccess(): void {
    retryMs = firstRetryMs;
    if (!troubled) return;
    troubled = false;
    options.onTrouble(null);
  }

  function toRecord([id, fields]: StreamEntry, deliveries = 1, deaths = -1): QueuedRecord {
    const record = {
      id,
      enqueuedAt: Number(id.slice(0, id.indexOf('-'))),
      uri: fieldOf(fields, 'uri'),
      data: fieldOf(fields, 'data'),
      serde: fieldOf(fields, 'serde'),
      deadline: positive(fieldOf(fields, deadlineField)),
      sharedBy: positive(fieldOf(fields, sharedByField)) ?? 1,
      deliveries,
      deaths: Math.max(0, deaths),
      alone: deaths >= 0,
    };
    inHand.set(id, Date.now());
    bytesPerRecord += ((record.data?.length ?? 0) + 200 - bytesPerRecord) / 32;
    return record;
  }

  /** How many records are asked for at once. */
  function portion(max: number): number {
    return Math.max(1, Math.min(max, Math.floor(takeBytes / bytesPerRecord)));
  }

  async function readNew(max: number, waitMs: number): Promise<QueuedRecord[]> {
    const count = portion(max);
    const blockMs = Math.max(1, Math.min(waitMs, maxBlockMs, nextTakeOver - Date.now()));
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
      (redis) => exchange(redis, command.bytes, recordFields),
      blockMs + watchdogMs,
    )) as [stream: string, entries: StreamEntry[]][] | null;
    return (reply?.[0]?.[1] ?? []).map((entry) => toRecord(entry));
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
      nextTakeOver = Date.now() + takeOverEveryMs;
      if (Date.now() >= nextConsumerCheck) {
        nextConsumerCheck = Date.now() + claimIdleMs;
        await reader.run((redis) =>
          runScript(redis, dropConsumersScript, [jobName, runs], [servingGroup, claimIdleMs, consumer]),
        );
      }
      return [];
    }
    const entries = [...candidates.values()].slice(0, page);
    const taken = (await reader.run((redis) =>
      runScript(
        redis,
        takeOverScript,
        [jobName, runs],
        [
          servingGroup,
          consumer,
          Math.min(lostAfterMs, claimIdleMs),
          prefix,
          consumerPrefix,
          0,
          ...entries.flatMap(([id, owner, , deliveries]) => [id, owner, deliveries]),
        ],
      ),
    )) as [id: string, deliveries: number, fields: string[], deaths: number][];
    takenOver += taken.length;
    return taken.map(([id, deliveries, fields, deaths]) => toRecord([id, fields], deliveries + 1, deaths));
  }

  function writeFinish(command: CommandWriter, answers: readonly Answer[]): void {
    const givenUp: (string | number)[] = [];
    answers.forEach(({ record, reason }, i) => {
      if (reason !== undefined && record.sharedBy === 1) givenUp.push(i + 1, reason, record.deliveries);
    });
    const keys = [jobName, deadStream(jobName)];
    const args = [servingGroup, prefix, options.resultTtlSeconds, Date.now(), answers.length, consumer];
    command.begin(3 + keys.length + args.length + 3 * answers.length + givenUp.length);
    command.add('EVALSHA', finishScript.sha, keys.length, ...keys, ...args);
    // The script writes no result for a record without a name.
    for (const { record, value } of answers)
      command.add(record.id, value === undefined ? '' : (record.uri ?? ''), value ?? '');
    command.add(...givenUp);
  }

  async function runFinish(redis: Redis, command: Buffer): Promise<void> {
    try {
      await exchange(redis, command);
    } catch (error) {
      if (!isReplyError(error) || !error.message.startsWith('NOSCRIPT')) throw error;
      await redis.script('LOAD', finishScript.text);
      await exchange(redis, command);
    }
  }

  async function makeGroup(redis: Redis): Promise<void> {
    await runScript(redis, makeGroupScript, [jobName, stopKey(options.workerId)], [servingGroup, consumer]);
    await note(redis, []);
  }

  async function note(redis: Redis, ids: readonly string[]): Promise<void> {
    await runScript(redis, noteRunningScript, [runs], [consumer, ids.join(' ')]);
  }

  /** Forgets how many workers died of records that are answered. Where that fails a few bytes stay. */
  function forgetDeaths(answers: readonly Answer[]): void {
    const ids = answers.flatMap(({ record }) => (record.alone ? [deathsField + record.id] : []));
    if (ids.length > 0) writer.run((redis) => redis.hdel(runs, ...ids)).catch(() => undefined);
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
    async open() {
      await writer.run(async (redis) => {
        await requireVersion(redis);
        await makeGroup(redis).catch((error: unknown) => {
          throw explainType(error, jobName);
        });
      });
    },
    async take(max, waitMs) {
      try {
        if (Date.now() >= nextTakeOver) {
          const left = await readLeft(max);
          if (left.length > 0) {
            afterSuccess();
            return left;
          }
        }
        const records = await readNew(max, waitMs);
        afterSuccess();
        return records;
      } catch (error) {
        if (closed) return [];
        // Somebody flushed Redis or deleted the stream: it is made anew, as at the start.
        if (isReplyError(error) && error.message.startsWith('NOGROUP'))
          await reader.run(makeGroup).catch(afterTrouble);
        else await afterTrouble(explainType(error, jobName));
        return [];
      }
    },
    async wake() {
      const id = reader.clientId;
      if (id !== undefined) await writer.run((redis) => redis.client('UNBLOCK', id));
    },
    async finish(answers) {
      writeFinish(commands, answers);
      const command = commands.bytes;
      for (;;) {
        try {
          await finisher.run((redis) => runFinish(redis, command));
          break;
        } catch (error) {
          // The lost connection may still be sending from this memory.
          commands = new CommandWriter();
          if (closed) return;
          // After a flush the group is gone, and with it what was pending: there is nothing left to acknowledge.
          if (isReplyError(error) && error.message.startsWith('NOGROUP')) break;
          await afterTrouble(error);
        }
      }
      afterSuccess();
      for (const { record } of answers) inHand.delete(record.id);
      forgetDeaths(answers);
    },
    async noteRunning(records) {
      const ids = records.map(({ id }) => id);
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
      const since = Date.now() - claimIdleMs / 3;
      const old = [...inHand].filter(([, at]) => at < since).map(([id]) => id);
      if (old.length === 0) return;
      await writer.run((redis) =>
        runScript(redis, keepAliveScript, [jobName], [servingGroup, consumer, ...old]),
      );
      const now = Date.now();
      for (const id of old) if (inHand.has(id)) inHand.set(id, now);
    },
    async trim() {
      await writer.run((redis) => runScript(redis, trimScript, [jobName], [0]));
    },
    run: (use) => writer.run(use),
    async close() {
      closed = true;
      // While something is in hand the note says what the model had.
      if (inHand.size === 0 && writer.clientId !== undefined)
        await writer
          .run((redis) => redis.hdel(runs, runningField + consumer), lastRetryMs)
          .catch(() => undefined);
      reader.close();
      writer.close();
      finisher.close();
    },
  };
}

/** @throws ServingError "redis-too-old": before 6.2 Redis cannot trim by id nor find idle records. */
async function requireVersion(redis: Redis): Promise<void> {
  const version = /redis_version:(\d+)\.(\d+)\S*/.exec(await redis.info('server'));
  const [text = '', major = '0', minor = '0'] = version ?? [];
  if (Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)) return;
  throw new ServingError(
    'redis-too-old',
    `This needs Redis 6.2 or newer, and finds ${text.replace('redis_version:', '') || 'an unknown version'}.`,
  );
}

/** A key of another type stands where the stream belongs: a start is refused, and a worker waits until the key has gone. */
function explainType(error: unknown, jobName: string): unknown {
  if (!isReplyError(error) || !error.message.includes('WRONGTYPE')) return error;
  return new ServingError(
    'redis-failed',
    `The key "${jobName}" in Redis is not a stream. Choose another jobName, or delete the key.`,
    { cause: error },
  );
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/** One that cannot be read is none: the record is answered. */
function positive(text: string | undefined): number | undefined {
  const number = Number(text);
  return number > 0 ? number : undefined;
}
