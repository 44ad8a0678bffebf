import type { Redis } from 'ioredis';
import { messageOf, type ErrorCode } from '../../../schemas/errors.ts';
import { deadStream, resultPrefix, servingGroup, unanswerable } from '../../../schemas/redisKeys.ts';
import type { Patience } from './redis/patience.ts';
import { CommandWriter, exchange } from './redis/rawCommand.ts';
import type { Answer } from './recordQueue.ts';
import type { RedisClock } from './redis/redisClock.ts';
import type { RedisLink } from './redis/redisLink.ts';
import { RedisTrouble, isReply } from './redis/redisTrouble.ts';
import { finishScript } from './scripts/scripts.ts';

export interface ResultWriterOptions {
  readonly link: RedisLink;
  readonly jobName: string;
  readonly consumer: string;
  /** 0: results are kept until a client removes them. */
  readonly resultTtlSeconds: number;
  readonly clock: RedisClock;
  readonly patience: Patience;
  /** Called with an answer that Redis will never accept, and why. */
  readonly onRefused: (answer: Answer, reason: string) => void;
}

export interface ResultWriter {
  /** Writes answers and acknowledges their records; returns when all are written, or it is closed. */
  write(answers: readonly Answer[]): Promise<void>;
  close(): void;
}

/** A write of one answer that fails so often, while Redis can be reached, will never succeed. */
const maxRefusals = 3;
/** Values at least this large, in characters, are suspected first of being too large. */
const largeValue = 65_536;

/** Troubles of Redis as a whole: they are waited out, whatever was to be written. */
const troublesOfAll: readonly ErrorCode[] = [
  'redis-auth',
  'redis-rights',
  'redis-full',
  'redis-loading',
  'redis-replica',
  'redis-refusing',
  'redis-cluster',
];

/** Writes results with one script for each call. Repeating a write is safe: only a record that is still pending is
 *  answered. What fails and is no trouble of all is divided, until what cannot be written is alone; that record is given
 *  up, and its neighbours are answered. */
export function createResultWriter(options: ResultWriterOptions): ResultWriter {
  const { link, jobName, patience } = options;
  let commands = new CommandWriter();
  let closed = false;

  async function writeOnce(answers: readonly Answer[]): Promise<void> {
    encode(commands, answers, options);
    const command = commands.bytes;
    try {
      await link.run((redis) => runFinish(redis, command));
    } catch (error) {
      // The lost connection may still be sending from this memory.
      commands = new CommandWriter();
      throw error;
    }
  }

  /** @returns what is to be written in place of answers that Redis did not take together */
  function divide(answers: readonly Answer[], error: unknown, refusals: Map<Answer, number>): Answer[][] {
    const [only] = answers as readonly [Answer];
    if (answers.length > 1) {
      const largest = answers.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
      if (sizeOf(largest) >= largeValue) return [answers.filter((one) => one !== largest), [largest]];
      const half = Math.ceil(answers.length / 2);
      return [answers.slice(0, half), answers.slice(half)];
    }
    const times = (refusals.get(only) ?? 0) + 1;
    refusals.set(only, times);
    return [[times < maxRefusals ? only : givenUp(only, error)]];
  }

  function givenUp(answer: Answer, error: unknown): Answer {
    // Not even the mark that it has no answer can be written: what is left is to acknowledge the record.
    if (answer.value === unanswerable) return { ...answer, value: undefined };
    const bytes = Buffer.byteLength(answer.value ?? '');
    const reason = `result-refused: Redis does not take the result of ${bytes} bytes. ${messageOf(error)}`;
    options.onRefused(answer, reason);
    return { record: answer.record, value: answer.value === undefined ? undefined : unanswerable, reason };
  }

  return {
    async write(answers) {
      const refusals = new Map<Answer, number>();
      const parts: (readonly Answer[])[] = [answers];
      for (let part = parts.shift(); part; part = parts.shift()) {
        try {
          await writeOnce(part);
          patience.over();
        } catch (error) {
          if (closed) return;
          await patience.after(error);
          if (concernsAll(error)) parts.unshift(part);
          else parts.push(...divide(part, error, refusals));
        }
      }
    },
    close() {
      closed = true;
    },
  };

  function encode(command: CommandWriter, answers: readonly Answer[], of: ResultWriterOptions): void {
    const gone: (string | number)[] = [];
    answers.forEach(({ record, reason }, i) => {
      if (reason !== undefined && record.sharedBy === 1) gone.push(i + 1, reason, record.deliveries);
    });
    const keys = [jobName, deadStream(jobName)];
    const time = Math.round(of.clock.now());
    const args = [
      servingGroup,
      resultPrefix(jobName),
      of.resultTtlSeconds,
      time,
      answers.length,
      of.consumer,
    ];
    command.begin(3 + keys.length + args.length + 3 * answers.length + gone.length);
    command.add('EVALSHA', finishScript.sha, keys.length, ...keys, ...args);
    // The script writes no result for a record without a name.
    for (const { record, value } of answers)
      command.add(record.id, value === undefined ? '' : (record.uri ?? ''), value ?? '');
    command.add(...gone);
  }
}

async function runFinish(redis: Redis, command: Buffer): Promise<void> {
  try {
    await exchange(redis, command);
  } catch (error) {
    if (!isReply(error, 'NOSCRIPT')) throw error;
    await redis.script('LOAD', finishScript.text);
    await exchange(redis, command);
  }
}

function concernsAll(error: unknown): boolean {
  if (!(error instanceof RedisTrouble)) return false;
  return !error.wasConnected || troublesOfAll.includes(error.code);
}

function sizeOf({ value }: Answer): number {
  return value?.length ?? 0;
}
