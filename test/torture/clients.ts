import { Redis } from 'ioredis';
import { resultField, resultPrefix } from '../../schemas/redis/redisKeys.ts';
import { judge, judgeHttp, type Generator, type Question, type Verdict } from './generator.ts';
import type { RecordHistory } from './history.ts';
import type { Random } from './random.ts';

export interface Traffic {
  readonly records: ReadonlyMap<string, RecordHistory>;
  /** Waits for an answer to a record that was sent after this time. @returns when it came; undefined after `deadlineMs` */
  firstAnswer(sentAfter: number, deadlineMs: number): Promise<number | undefined>;
  /** The data of Redis has gone: what was sent before is no reason to send less. */
  lost(): void;
  /** Nothing more is sent; resolves when every record has its answer, or none has come for `patienceMs`.
   *  @param isExcused  records that need no answer */
  end(patienceMs: number, isExcused: (record: RecordHistory) => boolean): Promise<void>;
  /** Reads what came after the end, for records of which it is not known whether they arrived. */
  sweep(): Promise<void>;
}

export interface TrafficOptions {
  readonly redis: Redis;
  readonly jobName: string;
  readonly frontendUrl: string;
  readonly generator: Generator;
  readonly random: Random;
}

/** A client of Redis that repeats nothing by itself: what may have arrived is not sent twice. */
export function connectClient(port: number): Redis {
  const client = new Redis({
    port,
    host: '127.0.0.1',
    protocol: 2,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 5_000,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  return client;
}

const tickMs = 20;
const httpClients = 2;
/** A service that is held up is not given more and more: what waits is bounded, as with real clients. */
const mostWaiting = 1_500;
/** After this time the frontend answers that no result came; the client waits longer, so that it gets that answer. */
const httpDeadlineMs = 6_000;
const httpPatienceMs = 20_000;

/** Clients of the queue in every form, and clients over HTTP, all at once until `end`. */
export function startTraffic(options: TrafficOptions): Traffic {
  const { redis, jobName, generator, random } = options;
  const records = new Map<string, RecordHistory>();
  const waiting = new Map<string, Question>();
  const seen = new Set<string>();
  const key = (uri: string) => resultPrefix(jobName) + uri;
  let sending = true;
  let reading = true;
  let lastAnswerAt = performance.now();
  let lossAt = -Infinity;

  /** How many records wait for an answer that must come. */
  function due(): number {
    const isDue = (uri: string) => {
      const record = records.get(uri);
      return record !== undefined && record.accepted !== 'unknown' && record.sentAt > lossAt;
    };
    return [...waiting.keys()].filter(isDue).length;
  }

  function note({ uri, form }: Question): RecordHistory {
    const record: RecordHistory = {
      uri,
      form,
      sentAt: performance.now(),
      accepted: 'pending',
      answers: [],
    };
    records.set(uri, record);
    return record;
  }

  function answer(record: RecordHistory, verdict: Verdict): void {
    lastAnswerAt = performance.now();
    record.answers.push({ at: lastAnswerAt, verdict });
  }

  async function send(): Promise<void> {
    while (sending) {
      if (due() < mostWaiting) {
        const questions = Array.from({ length: random.between(1, 30) }, () => generator.forQueue());
        await Promise.all(questions.map((question) => put(question)));
      }
      await pause(tickMs);
    }
  }

  async function put(question: Question): Promise<void> {
    const record = note(question);
    waiting.set(question.uri, question);
    try {
      await redis.xadd(jobName, '*', 'uri', question.uri, ...question.fields);
      record.accepted = 'yes';
    } catch (error) {
      // A reply is a refusal; anything else leaves open whether Redis has it.
      const isReply = error instanceof Error && error.name === 'ReplyError';
      record.accepted = isReply ? 'no' : 'unknown';
      record.refusal = String(error);
    }
  }

  /** Reads as the original's client does: a result that is there is removed, and only then counted as read. */
  async function read(): Promise<void> {
    while (reading) {
      const uris = [...waiting.keys()];
      await readSome(uris).catch(() => undefined);
      await pause(tickMs);
    }
  }

  async function readSome(uris: readonly string[]): Promise<void> {
    if (uris.length === 0) return;
    const values = await Promise.all(uris.map((uri) => redis.hgetBuffer(key(uri), resultField)));
    await Promise.all(
      uris.map(async (uri, i) => {
        const value = values[i];
        const question = waiting.get(uri);
        const record = records.get(uri);
        if (!value || !question || !record) return;
        if (!seen.has(uri)) answer(record, judge(question, value));
        seen.add(uri);
        await redis.del(key(uri));
        waiting.delete(uri);
      }),
    );
  }

  async function askOverHttp(): Promise<void> {
    while (sending) {
      const question = generator.forHttp();
      const record = note(question);
      try {
        const response = await fetch(`${options.frontendUrl}/predict`, {
          method: 'POST',
          body: String(question.fields[0]),
          headers: { 'x-deadline-ms': String(httpDeadlineMs) },
          signal: AbortSignal.timeout(httpPatienceMs),
        });
        const text = await response.text();
        if (response.ok) {
          record.accepted = 'yes';
          answer(record, judgeHttp(question, text));
        } else refuse(record, response.status, text);
      } catch (error) {
        record.refusal = String(error);
      }
      await pause(tickMs);
    }
  }

  /** That Redis is away is said with 503, that no worker answered in time with 504; anything else is wrong. */
  function refuse(record: RecordHistory, status: number, text: string): void {
    record.refusal = `${status} ${text.slice(0, 300)}`;
    if (status === 503 || status === 504) record.accepted = 'no';
    else {
      record.accepted = 'yes';
      record.answers.push({ at: performance.now(), verdict: { wrong: record.refusal } });
    }
  }

  const senders = Promise.all([send(), ...Array.from({ length: httpClients }, askOverHttp)]);
  const reader = read();

  return {
    records,
    async firstAnswer(sentAfter, deadlineMs) {
      const end = performance.now() + deadlineMs;
      while (performance.now() < end) {
        const times = [...records.values()].flatMap(({ sentAt, answers: [first] }) =>
          first && sentAt >= sentAfter ? [first.at] : [],
        );
        if (times.length > 0) return Math.min(...times);
        await pause(5);
      }
      return undefined;
    },
    lost() {
      lossAt = performance.now();
    },
    async end(patienceMs, isExcused) {
      sending = false;
      await senders;
      const isOpen = (uri: string) => {
        const record = records.get(uri);
        return record?.accepted === 'yes' && !isExcused(record);
      };
      const since = performance.now();
      while (
        [...waiting.keys()].some(isOpen) &&
        performance.now() - Math.max(since, lastAnswerAt) < patienceMs
      )
        await pause(tickMs);
      reading = false;
      await reader;
    },
    sweep: () => readSome([...waiting.keys()]),
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
