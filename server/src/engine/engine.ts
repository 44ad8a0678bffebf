import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redisKeys.ts';
import type { Model } from '../model/model.ts';
import type { Answer, QueuedRecord, RecordQueue } from '../queue/recordQueue.ts';
import { assemble, splitRows, wholeOutputs, type OutputTensor } from './assemble.ts';
import { createBatcher } from './batcher.ts';
import type { FittedRecord } from './fitInputs.ts';
import type { Log } from './log.ts';
import type { Statistics, Tally } from './statistics.ts';

export interface EngineOptions {
  readonly queue: RecordQueue;
  readonly model: Model;
  /** A record's payload, fitted to the model. @throws ServingError with the reason for its dead letter */
  readonly decode: (record: QueuedRecord) => FittedRecord;
  /** What the client reads for one record. */
  readonly encode: (outputs: readonly OutputTensor[]) => string;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxDeliveries: number;
  readonly statistics: Statistics;
  readonly log: Log;
}

export interface Engine {
  /** Serves until `stop`; resolves when everything in hand is answered. */
  run(): Promise<void>;
  /** Stops taking. */
  stop(): void;
  readonly inHand: number;
  /** False once the model has turned out not to answer each row of a batch by itself. */
  readonly batched: boolean;
}

/** A record on its way: `fitted` says what the model gets. */
interface Item {
  readonly record: QueuedRecord;
  readonly fitted: FittedRecord;
  readonly rows: number;
  readonly key: string;
}

const takeWaitMs = 2_000;
/** Decoded records wait in memory for the model; with large ones fewer do. */
const maxBytesInHand = 32 * 1024 * 1024;
/** So many records may be in hand at the least: a read costs almost the same whatever it brings. */
const leastInHand = 1024;
/** After so much has been decoded the model is given what is there: pictures take as long to decode as to run. */
const bytesBetweenRuns = 64 * 1024;
/** After so long the model's answers are heard, and it is given more. */
const maxBusyMs = 2;
/** So many answers go into one write at the most. */
const maxAnswersPerWrite = 512;

/** take → decode → batch → run → encode → finish. Everything overlaps: the next take runs while the model does, answers
 *  are written while the next batch is decoded, and whatever came together in the meantime goes together. */
export function createEngine(options: EngineOptions): Engine {
  const { queue, model, statistics, log } = options;
  const batcher = createBatcher<Item>({ maxRows: options.batchSize, waitMs: options.batchTimeoutMs });
  // Enough to fill every slot and one more round, and never so few that a read costs more than what it brings.
  const maxInHand = Math.max(leastInHand, options.batchSize * (model.slots + 2));
  const inModel = new Set<QueuedRecord>();
  let inHand = 0;
  let bytesInHand = 0;
  let running = 0;
  let stopping = false;
  let batched = model.batched;
  let unwritten: Answer[] = [];
  let writing = false;
  let timer: NodeJS.Timeout | undefined;
  let fatal: unknown;
  let wakeRoom: (() => void) | undefined;

  /** Resolves when the condition holds; looked at again after each write. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (fatal !== undefined) throw fatal as Error;
      await new Promise<void>((resolve) => {
        wakeRoom = resolve;
      });
    }
  }

  function wake(): void {
    wakeRoom?.();
  }

  const isStopping = () => stopping;
  const hasRoom = () =>
    inHand === 0 || (inHand <= maxInHand - options.batchSize && bytesInHand < maxBytesInHand);

  async function acceptAll(records: readonly QueuedRecord[]): Promise<void> {
    const now = Date.now();
    let start = performance.now();
    let decodeMs = 0;
    let bytes = 0;
    for (const record of records) {
      statistics.stages.queueWait.add(Math.max(0, now - record.enqueuedAt));
      accept(record, now);
      bytes += record.data?.length ?? 0;
      if (bytes < bytesBetweenRuns) continue;
      bytes = 0;
      pump();
      const ms = performance.now() - start;
      if (ms < maxBusyMs) continue;
      decodeMs += ms;
      await setImmediate();
      start = performance.now();
    }
    // Records that come together are decoded in a few microseconds each; a clock read for each would count itself.
    decodeMs += performance.now() - start;
    if (records.length > 0) statistics.stages.decode.add(decodeMs / records.length);
  }

  function accept(record: QueuedRecord, now: number): void {
    inHand += 1;
    bytesInHand += record.data?.length ?? 0;
    if (record.deaths >= options.maxDeliveries) {
      giveUp(
        record,
        new ServingError(
          'delivery-limit',
          `${record.deaths} workers died or hung while the model had it and nothing else.`,
        ),
      );
      return;
    }
    if (isExpired(record, now)) {
      skip(record);
      return;
    }
    try {
      const fitted = options.decode(record);
      batcher.add({ record, fitted, rows: fitted.rows, key: fitted.key });
    } catch (error) {
      giveUp(record, error);
    }
  }

  function giveUp(record: QueuedRecord, error: unknown): void {
    const code = error instanceof ServingError ? error.code : 'record-undecodable';
    const reason = `${code}: ${messageOf(error)}`;
    // A reason that is not ours is a bug of ours: it must not end the job, and must not be lost either.
    if (error instanceof ServingError)
      log.warn(`record ${record.id} (uri ${record.uri ?? 'none'}) given up: ${reason}`);
    else
      log.error(
        `record ${record.id} (uri ${record.uri ?? 'none'}) given up after an unexpected error`,
        error,
      );
    answer({ record, value: isExpired(record, Date.now()) ? undefined : unanswerable, reason });
  }

  /** Nobody waits for the answer any more: whoever does gets the time of the model. */
  function skip(record: QueuedRecord): void {
    answer({ record, value: undefined });
  }

  function pump(): void {
    if (timer) clearTimeout(timer);
    timer = undefined;
    while (running < model.slots) {
      const batch = batcher.next(stopping ? Infinity : Date.now());
      if (!batch) break;
      running += 1;
      runBatch(batch)
        .catch((error: unknown) => {
          fatal = error;
          wake();
        })
        .finally(() => {
          running -= 1;
          pump();
        });
    }
    const at = batcher.readyAt;
    if (at !== undefined && running < model.slots) timer = setTimeout(pump, Math.max(1, at - Date.now()));
  }

  async function runBatch(taken: readonly Item[]): Promise<void> {
    const now = Date.now();
    const batch: Item[] = [];
    for (const item of taken)
      if (isExpired(item.record, now)) skip(item.record);
      else batch.push(item);
    if (batch.length === 0) return;
    if (batched) await runTogether(batch);
    else for (const item of batch) await runAlone(item);
  }

  async function runTogether(batch: readonly Item[]): Promise<void> {
    const records = batch.map(({ fitted }) => fitted);
    let outputs;
    try {
      outputs = await timedRun(batch);
    } catch (error) {
      const [only] = batch as [Item];
      if (batch.length === 1) giveUp(only.record, error);
      // One of them does not suit the model; which one shows when each is run by itself.
      else for (const item of batch) await runAlone(item);
      return;
    }
    const split = splitRows(outputs, records);
    if (!split) {
      batched = false;
      log.warn(
        'The first dimension of an output is not the batch after all; from now on every record is run by itself.',
      );
      for (const item of batch) await runAlone(item);
      return;
    }
    batch.forEach(({ record }, i) => {
      answer({ record, value: options.encode(split[i] ?? []) });
    });
  }

  async function runAlone(item: Item): Promise<void> {
    const { record, fitted } = item;
    try {
      answer({ record, value: options.encode(wholeOutputs(await timedRun([item]), fitted)) });
    } catch (error) {
      giveUp(record, error);
    }
  }

  async function timedRun(items: readonly Item[]): ReturnType<Model['run']> {
    const fitted = items.map((item) => item.fitted);
    for (const { record } of items) inModel.add(record);
    try {
      await queue.noteRunning([...inModel]);
      const feeds = assemble(model.inputs, fitted);
      const start = performance.now();
      const outputs = await model.run(feeds);
      statistics.stages.inference.add(performance.now() - start);
      statistics.batch(fitted.reduce((sum, { rows }) => sum + rows, 0));
      return outputs;
    } finally {
      for (const { record } of items) inModel.delete(record);
    }
  }

  function answer(next: Answer): void {
    unwritten.push(next);
    if (!writing) void write();
  }

  async function write(): Promise<void> {
    writing = true;
    // Answers of one batch arrive one after the other in the same turn; they are to go in one write.
    await Promise.resolve();
    try {
      while (unwritten.length > 0) {
        const answers = unwritten.slice(0, maxAnswersPerWrite);
        unwritten = unwritten.slice(maxAnswersPerWrite);
        const start = performance.now();
        await queue.finish(answers);
        statistics.stages.write.add(performance.now() - start);
        for (const { record } of answers) bytesInHand -= record.data?.length ?? 0;
        statistics.finished(tallyOf(answers));
        inHand -= answers.length;
        wake();
      }
    } catch (error) {
      fatal = error;
      wake();
    } finally {
      writing = false;
    }
  }

  return {
    get inHand() {
      return inHand;
    },
    get batched() {
      return batched;
    },
    async run() {
      for (;;) {
        await until(() => stopping || hasRoom());
        if (isStopping()) break;
        const records = await queue.take(maxInHand - inHand, takeWaitMs);
        const alone = records.some((record) => record.alone);
        if (alone) await until(() => inHand === 0);
        await acceptAll(records);
        pump();
        if (alone) await until(() => inHand === 0);
      }
      pump();
      await until(() => inHand === 0);
    },
    stop() {
      stopping = true;
      wake();
      queue
        .wake()
        .catch((error: unknown) => log.warn(`The waiting read could not be woken: ${messageOf(error)}`));
    },
  };
}

function tallyOf(answers: readonly Answer[]): Tally {
  const tally = { processed: 0, failed: 0, expired: 0, shared: 0 };
  for (const { record, value, reason } of answers) {
    const { sharedBy } = record;
    if (reason !== undefined) {
      // Those that shared a record ask anew, and are counted then.
      if (sharedBy > 1) continue;
      tally.failed += 1;
    }
    if (value === undefined && reason === undefined) tally.expired += sharedBy;
    else tally.processed += sharedBy;
    tally.shared += sharedBy - 1;
  }
  return tally;
}

function isExpired({ deadline }: QueuedRecord, now: number): boolean {
  return deadline !== undefined && deadline <= now;
}
