import type { Model, ModelTensor } from '../../model/model.ts';
import { isModelLost, isProcessDeath } from '../../model/modelDeath.ts';
import { runChecked } from '../../model/runChecked.ts';
import type { Sharing } from '../../model/sharing.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import type { QueuedRecord, RecordQueue } from '../../queue/recordQueue.ts';
import type { FittedRecord } from '../../tensor/fit.ts';
import { joinRows, shareOut, wholeOutputs } from '../../tensor/rows.ts';
import { createBatcher } from './batcher.ts';
import { createBatchTrust, type BatchTrust } from './batchTrust.ts';
import type { Clock } from '../clock.ts';
import { feedsOf } from './feeds.ts';
import { sharedBy, type Item } from '../records/item.ts';
import type { Log } from '../log.ts';
import type { LastInputs } from '../reload/lastInputs.ts';
import { countUnits, instancesOf, unitsOf } from '../records/unitsOf.ts';
import type { Statistics } from '../statistics.ts';

/** Runs the model on what was taken in, several records at once where they may share a run. */
export interface Runs {
  add(item: Item): void;
  /** Starts every run that may start now. */
  pump(): void;
  /** From now on nothing waits for more records. */
  stop(): void;
  /** The model cannot run any more: nothing is started, and nothing that it has is answered or given up. */
  abort(): void;
  /** As the model came, until a check speaks against it. */
  readonly sharing: Sharing;
}

export interface RunsOptions {
  readonly queue: Pick<RecordQueue, 'noteRunning'>;
  readonly model: Model;
  /** Absent for a model of which nothing is known yet. */
  readonly trust?: BatchTrust | undefined;
  readonly lastInputs?: LastInputs | undefined;
  /** Records that the model has, or another one of this worker. */
  readonly inModel?: Set<QueuedRecord>;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxDeliveries: number;
  /** Whether something else comes beside the records, such as requests, which may be what a worker dies of. */
  readonly hasOthers: () => boolean;
  /** Called with the time of each run. */
  readonly onRun?: (ms: number) => void;
  readonly statistics: Statistics;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with an error that no record is to blame for. */
  readonly onFatal: (error: unknown) => void;
}

export function createRuns(options: RunsOptions): Runs {
  const { queue, model, statistics, clock, log, lastInputs } = options;
  const { inModel = new Set<QueuedRecord>(), trust = createBatchTrust(model.sharing) } = options;
  const batcher = createBatcher<Item>({ maxRows: options.batchSize, waitMs: options.batchTimeoutMs });
  let running = 0;
  let stopping = false;
  let dead = false;
  let cancelTimer: (() => void) | undefined;

  function pump(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    while (running < model.slots && !dead) {
      const batch = batcher.next(stopping ? Infinity : clock.steadyMs());
      if (!batch) break;
      running += 1;
      runBatch(batch)
        .catch(options.onFatal)
        .finally(() => {
          running -= 1;
          pump();
        });
    }
    const at = batcher.readyAt;
    if (at !== undefined && running < model.slots)
      cancelTimer = clock.after(Math.max(1, at - clock.steadyMs()), pump);
  }

  async function runBatch(taken: readonly Item[]): Promise<void> {
    const batch: Item[] = [];
    for (const item of taken)
      if (item.source.isOver(item)) item.source.skip(item);
      else batch.push(item);
    const [first] = batch;
    if (!first) return;
    lastInputs?.see(first.decoded.instances, clock.steadyMs());
    if (trust.sharing.shared) await noted(batch, () => runTogether(batch));
    else for (const item of batch) await noted([item], () => runEach([item]));
  }

  /** What a worker's death is counted against is what its model has: the store is to know it before. */
  async function noted(items: readonly Item[], work: () => Promise<void>): Promise<void> {
    const records: QueuedRecord[] = [];
    for (const { record } of items) if (record) records.push(record);
    if (records.length === 0) {
      await work();
      return;
    }
    for (const record of records) inModel.add(record);
    try {
      const isAlone = records.some(({ alone }) => alone);
      await queue.noteRunning([...inModel], options.hasOthers() && !isAlone);
      await work();
    } finally {
      for (const record of records) inModel.delete(record);
    }
  }

  function giveUp(item: Item, error: unknown): void {
    if (!dead) item.source.giveUp(item, error);
  }

  async function runTogether(batch: readonly Item[]): Promise<void> {
    let outputs;
    try {
      noteTime(batch, 'runAt');
      outputs = await runCompared(batch);
      noteTime(batch, 'ranAt');
    } catch (error) {
      const [only] = batch as [Item];
      if (isModelLost(error)) throw error;
      if (batch.length === 1 && !isProcessDeath(error)) giveUp(only, error);
      // One of them does not suit the model; which one shows when each is run by itself.
      else await runEach(batch);
      return;
    }
    const shares =
      outputs &&
      shareOut(
        outputs,
        batch.map(({ decoded }) => decoded),
      );
    if (shares) {
      batch.forEach((item, i) => send(item, () => shares[i] ?? []));
      return;
    }
    if (outputs) trust.lose('the first axis of an output is not the number of rows');
    log.warn(`From now on every record is run by itself: ${trust.sharing.reason}.`);
    const [only] = batch as [Item];
    // A single one is its own batch, and was given to the model for good.
    if (outputs && isSingle(batch)) send(only, () => wholeOutputs(outputs, only.decoded));
    else await runEach(batch);
  }

  /** Runs each by itself. One that the model's process dies with goes behind the others; when `maxDeliveries` processes have
   *  died with it, as workers or as processes of the model, it is given up. */
  async function runEach(items: readonly Item[]): Promise<void> {
    const left = items.map((item) => ({ item, deaths: item.record?.deaths ?? 0 }));
    for (let next = left.shift(); next; next = left.shift()) {
      const died = await runAlone(next.item);
      if (!died) continue;
      const { item, deaths } = next;
      if (deaths + 1 < options.maxDeliveries) left.push({ item, deaths: deaths + 1 });
      else
        giveUp(
          item,
          new ServingError(
            'delivery-limit',
            `${deaths + 1} processes died or hung while the model had it and nothing else, at last this one: ${died.message}`,
          ),
        );
    }
  }

  /** @returns undefined where a comparison has ended the sharing of runs: then nothing of this run may be answered */
  async function runCompared(batch: readonly Item[]): Promise<readonly ModelTensor[] | undefined> {
    const instances = instancesOf(batch);
    const checked = trust.plan(countUnits(batch));
    if (checked.length === 0) return run(instances, isSingle(batch));
    const units = unitsOf(batch);
    const { together, ...outcome } = await runChecked(
      units,
      ({ rows }) => rows,
      checked,
      // The runs beside it do not count in the statistics.
      (some) => (some === units ? run(instances, false) : model.run(feedsOf(model.inputs, some, false))),
    );
    trust.report(outcome);
    return trust.sharing.shared ? together : undefined;
  }

  /** @returns the death of the model's process; then nothing is answered yet */
  async function runAlone(item: Item): Promise<ServingError | undefined> {
    const { instances, rows } = item.decoded;
    try {
      // Several requests share it: each is asked for by itself when this one fails.
      if (sharedBy(item) > 1 && rows > 1 && !trust.sharing.shared)
        throw new ServingError('model-run-failed', `Requests may not share a run: ${trust.sharing.reason}.`);
      const answers: ModelTensor[][] = [];
      for (const instance of instances) {
        noteTime([item], 'runAt');
        const outputs = await run([instance], true);
        noteTime([item], 'ranAt');
        answers.push(
          wholeOutputs(outputs, instances.length === 1 ? instance : { ...instance, strip: false }),
        );
      }
      send(item, () => stacked(answers, instances));
    } catch (error) {
      if (isModelLost(error)) throw error;
      if (isProcessDeath(error)) return error;
      giveUp(item, error);
    }
    return undefined;
  }

  /** What cannot be encoded is the record's fault, not its neighbours'. */
  function send(item: Item, outputs: () => readonly ModelTensor[]): void {
    try {
      item.source.answer(item, outputs());
    } catch (error) {
      giveUp(item, error);
    }
  }

  function noteTime(items: readonly Item[], moment: 'runAt' | 'ranAt'): void {
    for (const { times } of items) {
      if (!times) continue;
      times[moment] = clock.steadyMs();
      times.batchRecords = items.length;
    }
  }

  async function run(records: readonly FittedRecord[], last: boolean): ReturnType<Model['run']> {
    const feeds = feedsOf(model.inputs, records, last);
    const start = clock.steadyMs();
    const outputs = await model.run(feeds);
    const ms = clock.steadyMs() - start;
    const rowsRun = records.reduce((sum, { rows }) => sum + rows, 0);
    statistics.stages.inference.add(ms);
    options.onRun?.(ms);
    statistics.batch(rowsRun);
    statistics.inferences.ran(records.length, rowsRun, ms, clock.storeMs());
    return outputs;
  }

  return {
    add(item) {
      if (item.times) item.times.decodedAt = clock.steadyMs();
      batcher.add(item, clock.steadyMs());
    },
    pump,
    stop() {
      stopping = true;
    },
    abort() {
      dead = true;
    },
    get sharing() {
      return trust.sharing;
    },
  };
}

/** Nothing needs the feeds again after the run. */
function isSingle(batch: readonly Item[]): boolean {
  return batch.length === 1 && batch[0]?.decoded.instances.length === 1;
}

/** The answers of several instances as one, with the rows of all.
 *  @throws ServingError "input-mismatch" where an output has no row for each */
function stacked(
  answers: readonly ModelTensor[][],
  instances: readonly FittedRecord[],
): readonly ModelTensor[] {
  const [first = []] = answers;
  if (answers.length === 1) return first;
  return first.map((output, o) => {
    const parts = answers.map((answer) => answer[o] as ModelTensor);
    const rowShape = output.shape.slice(1).join();
    const hasRows = parts.every(
      ({ shape }, i) => shape[0] === instances[i]?.rows && shape.slice(1).join() === rowShape,
    );
    if (hasRows) return { name: output.name, ...joinRows(parts) };
    throw new ServingError(
      'input-mismatch',
      'The instances of one record are answered together only where the model has a row for each; send each as a record of its own.',
    );
  });
}
