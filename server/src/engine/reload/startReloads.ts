import type { ReloadReport, ReloadRequest } from '../../../../schemas/jobEvents.ts';
import type { ImageDecoder } from '../../codec/image/imageThread.ts';
import type { WorkerQueue } from '../../queue/recordQueue.ts';
import { loadServing, sourceOf } from '../loadServing.ts';
import type { LoadedModel } from '../serving.ts';
import type { Reloads } from '../assignment.ts';
import { availableMemory, memoryNeed, memoryTrouble } from './checkMemory.ts';
import { createQuietWatch } from './quietWatch.ts';
import { createReloader, type ReloaderOptions } from './reloader.ts';
import { Refusal, type Target } from './target.ts';

/** The reloads of a worker: those that it is asked for, and those that a change of its files causes. */
export interface RunningReloads {
  readonly report: ReloadReport | undefined;
  reload(request: ReloadRequest): Promise<ReloadReport>;
  /** Whether what is served is what the config and the files say. */
  isUpToDate(): Promise<boolean>;
  close(): void;
}

export interface StartReloadsOptions extends Pick<
  ReloaderOptions,
  'current' | 'make' | 'exchange' | 'log' | 'onReport'
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

export function startReloads(options: StartReloadsOptions): RunningReloads {
  const { reloads, log } = options;
  const { source, first } = reloads;
  const watch = createQuietWatch(first.print, quietMs);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
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
    const isDue = watch.look(await source.print(), performance.now());
    if (isDue && !closed) await reloader.reload({ by: 'change' });
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
      // After a step back the files count only when they change again.
      if (request.by === 'rollback' && report.state === 'done') watch.handled(reloader.servedPrint);
      return report;
    },
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
