import type { ReloadReport, ReloadRequest } from '../../../../schemas/jobEvents.ts';
import type { RolloutRefusal } from '../../../../schemas/rollout.ts';
import type { ImageDecoder } from '../../codec/image/imageThread.ts';
import type { WorkerQueue } from '../../queue/recordQueue.ts';
import { loadServing, sourceOf } from '../loadServing.ts';
import type { LoadedModel } from '../serving.ts';
import type { Reloads } from '../assignment.ts';
import { availableMemory, memoryNeed, memoryTrouble } from './checkMemory.ts';
import { createQuietWatch } from './quietWatch.ts';
import { createReloader, type Reloader, type ReloaderOptions } from './reloader.ts';
import { Refusal, type Target } from './target.ts';

/** The reloads of a worker: those that it is asked for, and those that a change of its files causes. */
export interface RunningReloads {
  readonly report: ReloadReport | undefined;
  reload(request: ReloadRequest): Promise<ReloadReport>;
  /** Takes up the rollout that was noted before the worker started again, if there was one. */
  resume(): Promise<void>;
  loseShadow: Reloader['loseShadow'];
  /** Whether what is served is what the config and the files say. */
  isUpToDate(): Promise<boolean>;
  close(): void;
}

export interface StartReloadsOptions extends Pick<
  ReloaderOptions,
  'current' | 'make' | 'exchange' | 'rollouts' | 'log' | 'onReport'
> {
  readonly reloads: Reloads;
  readonly images: ImageDecoder;
  readonly queue: Pick<WorkerQueue, 'readSecret' | 'now'>;
  readonly modelWorkerFile: string;
}

/** How often the files are looked at. Not every file system reports changes, those of networks least of all. */
const lookEveryMs = 500;
/** After a change the files must stay as they are for this long. */
const quietMs = 1_000;
/** For this long the report of a reload that was asked for is not replaced by that of a change: who asked has to see it. */
const seenMs = 3_000;

export function startReloads(options: StartReloadsOptions): RunningReloads {
  const { reloads, log } = options;
  const { source, first } = reloads;
  const watch = createQuietWatch(first.print, quietMs);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** A change came while a rollout ran. */
  let isPutOff = false;
  const reloader = createReloader({
    ...options,
    source: {
      ...source,
      async read() {
        watch.handled(await source.print());
        return source.read();
      },
    },
    first,
    load: (target, onStep) => loadBeside(target, options, onStep),
    backlog: reloads.backlog,
    now: () => options.queue.now(),
  });

  async function look(): Promise<void> {
    if (reloader.served.config.reload === 'off') return;
    const print = await source.print();
    if (!watch.look(print, performance.now()) || closed) return;
    watch.handled(print);
    const { refusal } = await reloader.reload({ by: 'change' });
    isPutOff = refusal?.code === ('rollout-running' satisfies RolloutRefusal);
  }

  /** After a step back, or a promotion, the files count only when they change again: what the config says may be the version
   *  that was left. What changed during a rollout that is aborted counts now. */
  function settle({ by }: ReloadRequest): void {
    if (by === 'rollback' || by === 'promote') watch.handled(reloader.servedPrint);
    if (by === 'abort' && isPutOff) watch.again(performance.now() + seenMs);
    if (by === 'abort' || by === 'promote') isPutOff = false;
  }

  function next(): void {
    timer = setTimeout(() => {
      look()
        .catch((error: unknown) => log.error('the files of the model cannot be looked at', error))
        .finally(() => {
          if (!closed) next();
        });
    }, lookEveryMs);
  }
  next();

  return {
    get report() {
      return reloader.report;
    },
    async reload(request) {
      const report = await reloader.reload(request);
      if (report.state === 'done') settle(request);
      return report;
    },
    resume: () => reloader.resume(),
    loseShadow: (reason) => reloader.loseShadow(reason),
    isUpToDate: async () => (await source.print()) === reloader.servedPrint,
    close() {
      closed = true;
      clearTimeout(timer);
      reloader.close();
    },
  };
}

/** @throws Refusal, ServingError */
async function loadBeside(
  { job, model }: Target,
  { queue, log, images, modelWorkerFile }: StartReloadsOptions,
  onStep: (step: 'warm-up') => void,
): Promise<LoadedModel> {
  const { copies } = job;
  const need = await memoryNeed(model.source, { copies, isEncrypted: model.isEncrypted });
  const trouble = memoryTrouble(need, await availableMemory());
  if (trouble !== undefined) throw new Refusal('memory-short', trouble, 'modelPath');
  const given = new AbortController();
  let missing: string | undefined;
  const source = await sourceOf(
    model,
    { queue, log },
    {
      signal: given.signal,
      // Nothing waits for it: the old model goes on.
      onNeeds({ message }) {
        missing = message;
        given.abort();
      },
    },
  );
  if (!source) throw new Refusal('model-secret-missing', missing ?? '', 'modelEncrypted');
  return loadServing({
    job,
    resolved: model,
    source,
    modelWorkerFile,
    images,
    log,
    onLoaded: () => onStep('warm-up'),
    onUnfitSample(sentence) {
      throw new Refusal('model-run-failed', sentence, 'modelPath');
    },
  });
}
