import { answerRows } from '../answerRows.ts';
import type { Payload } from '../payload.ts';
import { recordOf } from '../redis/recordFields.ts';
import type { Answer, QueuedRecord, WorkerQueue } from '../recordQueue.ts';
import { createPatiences } from '../patience.ts';
import { createRedisClock } from '../redis/redisClock.ts';
import {
  addressText,
  explainCommand,
  RedisTrouble,
  redisTroubles,
  type RedisAddressText,
} from '../redis/redisTrouble.ts';
import { ReplyError, type Reply } from '../redis/replyParser.ts';
import { createResultWriter } from '../resultWriter.ts';
import { deathFieldsOf, noteEveryMs } from '../runNotes.ts';
import { pairOf } from '../secrets.ts';
import type { Item } from './messages.ts';
import { TaskRefusal, type Task } from './task.ts';

export interface PipeQueueOptions {
  readonly task: Task;
  /** Where the task's Redis is, for sentences. */
  readonly redis: RedisAddressText;
  /** Called with every trouble with Redis that is being waited out, and with null when it is over. */
  readonly onTrouble: (message: string | null) => void;
  /** Called with a result that Redis will never take, and why; its record is given up. */
  readonly onRefused: (answer: Answer, reason: string) => void;
  /** Called when no more records come and all that came have been taken. */
  readonly onDrained: () => void;
}

type Entry = readonly [id: string, deliveries: number, deaths: number, fields: readonly Payload[]];

/** The number of a call that wants no answer. */
const noAnswer = 0;

/** The queue of a worker that a task on Flink has started. The task reads the records and writes the answers, and does for
 *  the worker what else one does in Redis. It sends no more than a worker may have in flight, so that each answer lets more
 *  come. */
export function createPipeQueue(options: PipeQueueOptions): WorkerQueue {
  const { task, redis } = options;
  const clock = createRedisClock();
  let waiting: QueuedRecord[] = [];
  let isEnded = false;
  let notedAt = -Infinity;
  let takenOver = 0;
  let reconnects = 0;
  let wake: () => void = () => undefined;
  const results = createResultWriter({
    troubles: redisTroubles,
    writeOnce: async (answers) => {
      await call('finish', Math.round(clock.now()), answers.length, ...answerRows(answers));
    },
    patience: createPatiences(options.onTrouble)(),
    onRefused: options.onRefused,
  });

  task.onRecords = (entries) => {
    const storeMs = clock.now();
    for (const [id, deliveries, deaths, fields] of entries as unknown as readonly Entry[])
      waiting.push(recordOf(id, fields, { storeMs, deliveries, deaths }));
    wake();
  };
  task.onEnd = () => {
    isEnded = true;
    wake();
  };

  /** @throws ServingError "redis-…" with what the task was refused */
  async function call(name: string, ...items: readonly Item[]): Promise<readonly Reply[]> {
    try {
      return await task.call(name, ...items);
    } catch (error) {
      if (!(error instanceof TaskRefusal)) throw error;
      if (error.wasReached) throw explainCommand(redis, new ReplyError(error.message));
      throw new RedisTrouble(
        'redis-lost',
        `The task cannot reach Redis at ${addressText(redis)}: ${error.message}`,
      );
    }
  }

  function arrival(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), waitMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A record that is to run alone is handed out by itself. */
  function handOut(max: number): QueuedRecord[] {
    const alone = waiting.findIndex((record) => record.alone);
    const count = alone < 0 ? Math.min(max, waiting.length) : Math.max(1, Math.min(max, alone));
    const records = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return records;
  }

  return {
    get reconnects() {
      return reconnects;
    },
    get takenOver() {
      return takenOver;
    },
    now: () => clock.now(),
    get clockAheadMs() {
      return clock.aheadMs();
    },
    async open() {
      const askedAt = performance.now();
      const [redisMs] = await call('time');
      clock.observe(Number(redisMs), askedAt);
      task.send('note', noAnswer, '');
    },
    async take(max, waitMs) {
      if (waiting.length === 0 && !isEnded) await arrival(waitMs);
      if (waiting.length === 0 && isEnded) options.onDrained();
      return handOut(max);
    },
    wake() {
      wake();
      return Promise.resolve();
    },
    async finish(answers) {
      await results.write(answers);
      const { answered, ended } = deathFieldsOf(answers);
      const deaths = [...answered, ...ended];
      if (deaths.length > 0) task.send('spare', noAnswer, ...deaths);
    },
    async noteRunning(records) {
      const ids = records.map(({ id }) => id).join(' ');
      const isNew = records.every(({ deliveries }) => deliveries === 1);
      if (isNew && performance.now() - notedAt < noteEveryMs) return;
      notedAt = performance.now();
      // Without the note the death would count for none, which is better than not to serve.
      if (isNew) task.send('note', noAnswer, ids);
      else await call('note', ids).catch(() => undefined);
    },
    // The task does it for all that it has read, with each renewal.
    keepAlive: () => Promise.resolve(),
    async trim() {
      await call('trim');
    },
    async renew(registration, heartbeat) {
      const askedAt = performance.now();
      const json = heartbeat === undefined ? '' : JSON.stringify(heartbeat);
      const [redisMs, taken, made] = await call('renew', JSON.stringify(registration), json);
      clock.observe(Number(redisMs), askedAt);
      takenOver = Number(taken);
      reconnects = Number(made);
      // The task stops reading when that is asked; the worker's end comes with the last record.
      return { stop: false };
    },
    async fail(registration, failure) {
      await call('fail', JSON.stringify({ ...registration, failure }));
    },
    async forget() {
      await call('forget');
    },
    async readSecret(kind) {
      const [secret = '', salt = ''] = await call('secret', kind);
      return pairOf(String(secret), String(salt));
    },
    async isFull() {
      const [isFull] = await call('full');
      return isFull === 1;
    },
    close() {
      results.close();
      return Promise.resolve();
    },
  };
}
