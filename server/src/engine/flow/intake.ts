import { setImmediate } from 'node:timers/promises';
import { ServingError } from '../../../../schemas/errors.ts';
import type { QueuedRecord, RecordQueue } from '../../queue/recordQueue.ts';
import type { Clock } from '../clock.ts';
import { bytesOf, isExpired } from '../records/item.ts';
import type { Generation } from './generation.ts';
import type { Stage } from './stage.ts';
import type { Statistics } from '../statistics.ts';
import type { Writer } from './writer.ts';

/** Takes records from the queue as long as there is room for them, and decodes them. */
export interface Intake {
  /** Takes until `stop`. @throws what `fail` was given */
  run(): Promise<void>;
  stop(): void;
  /** Resolves when every record that was taken is written. */
  drained(): Promise<void>;
  /** Resolves when the other has settled. @throws what `fail` was given */
  unlessFailed(other: Promise<unknown> | undefined): Promise<void>;
  /** Records have been written, and make room. */
  written(records: readonly QueuedRecord[]): void;
  fail(error: unknown): void;
  /** Records taken and not yet written. */
  readonly inFlight: number;
}

export interface IntakeOptions {
  readonly queue: Pick<RecordQueue, 'take'>;
  /** What a record is given to; it may be another one each time. */
  readonly stageOf: (record: QueuedRecord) => Pick<Stage, 'accept'>;
  /** By whose settings records are taken; it may be another one each time. */
  readonly generation: () => Generation;
  readonly writer: Writer;
  readonly statistics: Statistics;
  readonly clock: Clock;
  /** Called when runs may start with what is there. */
  readonly pump: () => void;
  /** What else the model is given, which waits while a record is to be run alone. */
  readonly others?: { readonly pause: () => Promise<void>; readonly resume: () => void } | undefined;
}

const takeWaitMs = 2_000;
/** Decoded records wait in memory for the model; with large ones fewer do. */
const maxBytesInFlight = 32 * 1024 * 1024;
/** A read costs almost the same whatever it brings, so there is always room for this many records. */
const leastInFlight = 1024;
/** After this much has been decoded, the model gets what is there: images take as long to decode as to run. */
const bytesBetweenRuns = 64 * 1024;
/** After this time the model's answers are handled, and it gets more. */
const maxBusyMs = 2;

export function createIntake(options: IntakeOptions): Intake {
  const { queue, writer, statistics, clock, generation } = options;
  /** Bytes of each record, kept here since the model may take a payload's memory with it. */
  const sizes = new Map<QueuedRecord, number>();
  let bytesInFlight = 0;
  let stopping = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;

  /** Enough to fill every slot and one more round, and never so few that a read costs more than what it brings. */
  const maxInFlight = () => {
    const { batchSize, model } = generation();
    return Math.max(leastInFlight, batchSize * (model.slots + 2));
  };
  const hasRoom = () =>
    sizes.size === 0 ||
    (sizes.size <= maxInFlight() - generation().batchSize && bytesInFlight < maxBytesInFlight);
  const isStopping = () => stopping;

  /** Resolves when the condition holds; it is looked at after each write. @throws what `fail` was given */
  async function until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (failure) throw failure.error as Error;
      if (condition()) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function acceptAll(records: readonly QueuedRecord[]): Promise<void> {
    const now = clock.storeMs();
    let start = clock.steadyMs();
    let decodeMs = 0;
    let bytes = 0;
    for (const record of records) {
      statistics.stages.queueWait.add(Math.max(0, now - record.enqueuedAt));
      accept(record, now);
      bytes += sizes.get(record) ?? 0;
      if (bytes < bytesBetweenRuns) continue;
      bytes = 0;
      options.pump();
      const ms = clock.steadyMs() - start;
      if (ms < maxBusyMs) continue;
      decodeMs += ms;
      await setImmediate();
      start = clock.steadyMs();
    }
    // Records that come together are decoded in a few microseconds each; a clock read for each would count itself.
    decodeMs += clock.steadyMs() - start;
    if (records.length > 0) statistics.stages.decode.add(decodeMs / records.length);
  }

  /** Nothing else is in the model from before the records are accepted until they are answered. */
  async function acceptAlone(records: readonly QueuedRecord[]): Promise<void> {
    await until(() => sizes.size === 0);
    await options.others?.pause();
    try {
      await acceptAll(records);
      options.pump();
      await until(() => sizes.size === 0);
    } finally {
      options.others?.resume();
    }
  }

  function accept(record: QueuedRecord, now: number): void {
    const bytes = bytesOf(record);
    if (record.traceparent !== undefined) record.times = { takenAt: clock.steadyMs() };
    sizes.set(record, bytes);
    bytesInFlight += bytes;
    if (record.deaths >= generation().maxDeliveries) writer.giveUp(record, tooOften(record));
    else if (isExpired(record, now)) writer.skip(record);
    else decode(record);
  }

  function decode(record: QueuedRecord): void {
    let accepted;
    try {
      accepted = options.stageOf(record).accept(record);
    } catch (error) {
      writer.giveUp(record, error);
      return;
    }
    record.data = undefined;
    // Such as a large image.
    if (accepted instanceof Promise) void decodeLater(record, accepted);
  }

  async function decodeLater(record: QueuedRecord, accepted: Promise<void>): Promise<void> {
    const start = clock.steadyMs();
    try {
      await accepted;
      statistics.stages.decode.add(clock.steadyMs() - start);
      options.pump();
    } catch (error) {
      writer.giveUp(record, error);
    }
  }

  return {
    get inFlight() {
      return sizes.size;
    },
    async run() {
      for (;;) {
        await until(() => stopping || hasRoom());
        if (isStopping()) return;
        const records = await queue.take(maxInFlight() - sizes.size, takeWaitMs);
        if (records.some((record) => record.alone)) await acceptAlone(records);
        else {
          await acceptAll(records);
          options.pump();
        }
      }
    },
    stop() {
      stopping = true;
      wake?.();
    },
    drained: () => until(() => sizes.size === 0),
    async unlessFailed(other) {
      let isOver = other === undefined;
      const settle = () => {
        isOver = true;
        wake?.();
      };
      other?.then(settle, settle);
      await until(() => isOver);
    },
    written(records) {
      for (const record of records) {
        bytesInFlight -= sizes.get(record) ?? 0;
        sizes.delete(record);
      }
      wake?.();
    },
    fail(error) {
      failure ??= { error };
      wake?.();
    },
  };
}

function tooOften({ deaths }: QueuedRecord): ServingError {
  return new ServingError(
    'delivery-limit',
    `At least ${deaths} workers died or hung while the model had it and nothing else.`,
  );
}
