import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { unanswerable } from '../../../../schemas/redis/redisKeys.ts';
import { encodeTypedFailure } from '../../codec/typedForm.ts';
import type { Answer, QueuedRecord, RecordQueue } from '../../queue/recordQueue.ts';
import type { Clock } from '../clock.ts';
import { isExpired } from '../records/item.ts';
import type { Log } from '../log.ts';
import type { Tracing } from '../../tracing/spans.ts';
import { traceRecord } from './traceRecord.ts';
import { recordFacts, recordName } from '../queueLog.ts';
import type { Statistics, Tally } from '../statistics.ts';

/** Brings answers into the queue, those that come together in one write. */
export interface Writer {
  answer(record: QueuedRecord, value: string | Buffer): void;
  /** The deadline has passed: the record is acknowledged and no result written. */
  skip(record: QueuedRecord): void;
  /** Keeps the record as a dead letter with the reason, which its client gets too. */
  giveUp(record: QueuedRecord, error: unknown): void;
}

export interface WriterOptions {
  readonly queue: Pick<RecordQueue, 'finish'>;
  readonly statistics: Statistics;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the spans of records that belong to traces. */
  readonly tracing?: Tracing | undefined;
  /** Called with the records of each write. */
  readonly onWritten: (records: readonly QueuedRecord[]) => void;
  /** Called with what `finish` threw: nothing can be written any more. */
  readonly onFatal: (error: unknown) => void;
}

/** The most answers of one write, and after how many bytes it takes no more: Redis does nothing else while it takes one
 *  in, and has `redisTimeout` for it. */
const maxAnswersPerWrite = 512;
const maxBytesPerWrite = 4 * 1024 * 1024;

export function createWriter(options: WriterOptions): Writer {
  const { queue, statistics, clock, log, tracing, onWritten, onFatal } = options;
  let unwritten: Answer[] = [];
  let writing = false;

  function add(answer: Answer): void {
    unwritten.push(answer);
    if (!writing) void write();
  }

  async function write(): Promise<void> {
    writing = true;
    // Answers of one batch arrive one after the other in the same turn; they are to go in one write.
    await Promise.resolve();
    try {
      while (unwritten.length > 0) {
        const answers = unwritten.slice(0, countForWrite(unwritten));
        unwritten = unwritten.slice(answers.length);
        const start = clock.steadyMs();
        await queue.finish(answers);
        statistics.stages.write.add(clock.steadyMs() - start);
        statistics.finished(tallyOf(answers));
        countAnswers(answers);
        if (tracing) traceAnswers(tracing, clock, answers);
        onWritten(answers.map(({ record }) => record));
      }
    } catch (error) {
      onFatal(error);
    } finally {
      writing = false;
    }
  }

  function countAnswers(answers: readonly Answer[]): void {
    const now = clock.storeMs();
    for (const { record, value, reason } of answers) {
      const ms = now - record.enqueuedAt;
      if (reason === undefined && value !== undefined) statistics.inferences.answered(record.sharedBy, ms);
      // Those that shared a record ask again, and are counted then.
      else if (reason !== undefined && record.sharedBy === 1) statistics.inferences.gaveUp(1, ms);
    }
  }

  return {
    answer(record, value) {
      add({ record, value });
    },
    skip(record) {
      add({ record, value: undefined });
    },
    giveUp(record, error) {
      const isExpected = error instanceof ServingError;
      const code = isExpected ? error.code : 'unexpected';
      const message = messageOf(error);
      const name = recordName(record);
      const facts = { code, ...recordFacts(record) };
      // An unexpected reason is a bug: it must not end the job, and must not be lost either.
      if (isExpected) log.warn(`${name} given up: ${code}: ${message}`, facts);
      else log.error(`${name} given up after an unexpected error`, error, facts);
      const failure = record.wantsTyped ? encodeTypedFailure(code, message) : unanswerable;
      const value = isExpired(record, clock.storeMs()) ? undefined : failure;
      add({ record, value, reason: `${code}: ${message}` });
    },
  };
}

function traceAnswers(tracing: Tracing, clock: Clock, answers: readonly Answer[]): void {
  for (const { record, reason } of answers) {
    const { traceparent, times, enqueuedAt, id, uri } = record;
    if (traceparent === undefined || times === undefined) continue;
    traceRecord(tracing, clock, {
      ...{ traceparent, times, arrivedAt: enqueuedAt },
      attributes: {
        'messaging.message.id': id,
        ...(uri === undefined ? {} : { 'messaging.message.conversation_id': uri }),
      },
      error: reason?.split(':')[0],
    });
  }
}

/** How many of the answers go into the next write; at least one. */
function countForWrite(answers: readonly Answer[]): number {
  let bytes = 0;
  let count = 0;
  while (count < answers.length && count < maxAnswersPerWrite) {
    bytes += answers[count]?.value?.length ?? 0;
    if (count > 0 && bytes > maxBytesPerWrite) break;
    count += 1;
  }
  return count;
}

function tallyOf(answers: readonly Answer[]): Tally {
  const tally = { processed: 0, failed: 0, expired: 0, shared: 0, overHttp: 0 };
  for (const { record, value, reason } of answers) {
    const { sharedBy } = record;
    if (reason !== undefined) {
      // Those that shared a record ask again, and are counted then.
      if (sharedBy > 1) continue;
      tally.failed += 1;
    }
    if (value === undefined && reason === undefined) tally.expired += sharedBy;
    else tally.processed += sharedBy;
    tally.shared += sharedBy - 1;
  }
  return tally;
}
