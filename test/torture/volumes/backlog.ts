import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { resultField, resultPrefix } from '../../../schemas/redis/redisKeys.ts';
import { startRedis } from '../../support/redis.ts';
import { models } from '../../support/serving.ts';
import { connectClient, pause } from '../clients.ts';
import { createGenerator, judge, type Question } from '../generator.ts';
import { loadMlp } from '../mlp.ts';
import { createRandom } from '../random.ts';
import { createWorkerPool } from '../workers.ts';

export interface BacklogOptions {
  readonly seed: number;
  readonly records: number;
  readonly say: (line: string) => void;
}

export interface BacklogReport {
  readonly records: number;
  readonly answered: number;
  /** Entries that the other group has read, and those that were gone before it could. */
  readonly readByOthers: number;
  readonly trimmedUnread: number;
  /** How often Redis was full, so that clients had to wait. */
  readonly refusals: number;
  /** What the stream held at last, when everyone had acknowledged everything. */
  readonly left: number;
  readonly seconds: number;
  readonly found: readonly string[];
}

const jobName = 'backlog';
const otherGroup = 'archive';
const maxMemory = '64mb';
const atOnce = 200;
/** The other group takes this many and rests then: it is slower than the worker, so the stream is full most of the time. */
const slowCount = 500;
const slowMs = 60;
const distinct = 64;
const stallMs = 60_000;
/** What may stay in a stream that is trimmed now and then. */
const mostLeft = 20_000;

/** Sends records through a Redis that is too small for them while a second group of the stream reads slowly. A record must not
 *  be trimmed before that group has read it, and every record must get its answer. */
export async function backlog({ seed, records, say }: BacklogOptions): Promise<BacklogReport> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-backlog-'));
  const redis = await startRedis(
    ...['--maxmemory', maxMemory, '--maxmemory-policy', 'noeviction', '--appendonly', 'no'],
  );
  const lines = [`modelPath: ${join(models, 'mlp')}`, `jobName: ${jobName}`, 'redisTimeout: 5000'];
  const configFor = (port: number) => [...lines, `redisUrl: 127.0.0.1:${port}`, ''].join('\n');
  const pool = createWorkerPool({ folder, redisPort: redis.port, configFor });
  const connections = [0, 1, 2].map(() => connectClient(redis.port));
  const [sender, reader, other] = connections as [Redis, Redis, Redis];
  const run = createRun(records, questionsOf(seed));
  try {
    await redis.client.xgroup('CREATE', jobName, otherGroup, '0', 'MKSTREAM');
    await pool.fill(1);
    const report = setInterval(() => say(run.progress()), 10_000);
    const begin = performance.now();
    try {
      await Promise.all([send(sender, run), readResults(reader, run), readAsOther(other, run)]);
    } finally {
      clearInterval(report);
    }
    const seconds = (performance.now() - begin) / 1000;
    run.found.push(...pool.crashes);
    return { ...run.figures(), seconds, left: await lengthAtLast(redis.client, run) };
  } finally {
    for (const connection of connections) connection.disconnect();
    await pool.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function questionsOf(seed: number): readonly Question[] {
  const generator = createGenerator(createRandom(seed), loadMlp());
  const questions: Question[] = [];
  while (questions.length < distinct) {
    const question = generator.forQueue();
    if (question.expected && question.form === 'typed') questions.push(question);
  }
  return questions;
}

type Run = ReturnType<typeof createRun>;

/** What was sent, what was answered and what the other group has seen. */
function createRun(records: number, questions: readonly Question[]) {
  const found: string[] = [];
  /** Ids of entries that the other group has not read yet, from `head` on. */
  let expected: string[] = [];
  let head = 0;
  const open = new Set<number>();
  let sent = 0;
  let answered = 0;
  let readByOthers = 0;
  let trimmedUnread = 0;
  let refusals = 0;
  let movedAt = performance.now();
  const move = () => (movedAt = performance.now());

  return {
    found,
    open,
    question: (number: number) => questions[number % questions.length] as Question,
    /** Numbers that are still to be sent, at most a batch. */
    nextNumbers: () => Array.from({ length: Math.min(atOnce, records - sent) }, (_, i) => sent + i),
    accepted(number: number, id: string) {
      move();
      sent = number + 1;
      expected.push(id);
      open.add(number);
    },
    refused: () => (refusals += 1),
    answered(number: number, value: Buffer, question: Question) {
      move();
      open.delete(number);
      answered += 1;
      const verdict = judge(question, value);
      if (verdict !== 'right') found.push(`record ${number}: ${JSON.stringify(verdict)}`);
    },
    /** The other group has read this entry; those before it that it has not read are gone. */
    seen(id: string) {
      move();
      while (head < expected.length && expected[head] !== id) {
        trimmedUnread += 1;
        head += 1;
      }
      if (head === expected.length) found.push(`the entry ${id} came twice, or was never sent`);
      head += 1;
      readByOthers += 1;
      if (head > 100_000) {
        expected = expected.slice(head);
        head = 0;
      }
    },
    get isSent() {
      return sent >= records;
    },
    get isAnswered() {
      return sent >= records && open.size === 0;
    },
    get isSeen() {
      return sent >= records && readByOthers + trimmedUnread >= records;
    },
    /** Whether to go on: nothing wrong was found, and something moves. */
    get goesOn() {
      if (found.length === 0 && performance.now() - movedAt > stallMs)
        found.push(`nothing moved for ${stallMs / 1000} s`);
      return found.length === 0;
    },
    progress: () => `${sent} sent, ${answered} answered, ${readByOthers} read by the other group`,
    figures: () => ({ records: sent, answered, readByOthers, trimmedUnread, refusals, found }),
  };
}

/** A batch is taken as a whole or refused as a whole, so that the order of the ids is that of the numbers. */
async function send(redis: Redis, run: Run): Promise<void> {
  while (!run.isSent && run.goesOn) {
    const batch = redis.multi();
    const numbers = run.nextNumbers();
    for (const number of numbers)
      batch.xadd(jobName, '*', 'uri', `b${number}`, ...run.question(number).fields);
    try {
      const replies = (await batch.exec()) ?? [];
      numbers.forEach((number, i) => run.accepted(number, String(replies[i]?.[1])));
    } catch (error) {
      if (!isFull(error)) throw error;
      run.refused();
      await pause(20);
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && /^(EXECABORT|OOM)/.test(error.message);
}

async function readResults(redis: Redis, run: Run): Promise<void> {
  const key = (number: number) => `${resultPrefix(jobName)}b${number}`;
  while (!run.isAnswered && run.goesOn) {
    const numbers: number[] = [];
    for (const number of run.open) if (numbers.push(number) === 1_000) break;
    const pipeline = redis.pipeline();
    for (const number of numbers) pipeline.hgetBuffer(key(number), resultField);
    const replies = (await pipeline.exec()) ?? [];
    const done = numbers.filter((_, i) => Buffer.isBuffer(replies[i]?.[1]));
    numbers.forEach((number, i) => {
      const value = replies[i]?.[1];
      if (Buffer.isBuffer(value)) run.answered(number, value, run.question(number));
    });
    if (done.length > 0) await redis.del(...done.map(key));
    else await pause(5);
  }
}

async function readAsOther(redis: Redis, run: Run): Promise<void> {
  while (!run.isSeen && run.goesOn) {
    const reply = (await redis.xreadgroup(
      ...(['GROUP', otherGroup, 'reader', 'COUNT', slowCount, 'STREAMS', jobName, '>'] as const),
    )) as [string, [string, string[]][]][] | null;
    const ids = (reply?.[0]?.[1] ?? []).map(([id]) => id);
    for (const id of ids) run.seen(id);
    if (ids.length > 0) await redis.xack(jobName, otherGroup, ...ids);
    await pause(slowMs);
  }
}

/** Trimming goes on for a moment after the last acknowledgement. */
async function lengthAtLast(redis: Redis, run: Run): Promise<number> {
  const end = performance.now() + stallMs;
  let left = await redis.xlen(jobName);
  while (left > mostLeft && performance.now() < end) {
    await pause(100);
    left = await redis.xlen(jobName);
  }
  if (left > mostLeft) run.found.push(`${left} entries that everyone has acknowledged stay in the stream`);
  return left;
}
