import type { KeyName } from '../../../../schemas/config/configKeys.ts';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import {
  rolloutCauses,
  type ReloadRefusal,
  type ReloadReport,
  type ReloadRequest,
} from '../../../../schemas/jobEvents.ts';
import { percentOf } from '../../../../schemas/percent.ts';
import { changesOf } from '../../config/changes.ts';
import type { Log } from '../log.ts';
import type { LoadedModel, Serving } from '../serving.ts';
import { shapeTrouble } from './checkShapes.ts';
import { compareAnswers, type Comparison } from './compareAnswers.ts';
import type { Rollouts } from './rollouts.ts';
import { createRolloutTurns } from './rolloutTurns.ts';
import { Refusal, type Target, type TargetSource } from './target.ts';

/** Exchanges what a worker serves while it serves. What cannot be served changes nothing. */
export interface Reloader {
  /** Never rejects: what came of it is in the report. One at a time, in the order in which they are asked for. */
  reload(request: ReloadRequest): Promise<ReloadReport>;
  /** Takes up the rollout that was noted before the worker started again, if there was one. */
  resume(): Promise<void>;
  /** The model of a shadow has died: the rollout ends, and what is served goes on. */
  loseShadow(reason: string): Promise<void>;
  /** What came of the last one, or what is under way; undefined before the first. */
  readonly report: ReloadReport | undefined;
  /** What is served. */
  readonly served: Target;
  /** Of config and files when it was last found to be, or was made, what is served. */
  readonly servedPrint: string;
  /** From now on nothing is exchanged any more. */
  close(): void;
}

export interface ReloaderOptions {
  readonly source: TargetSource;
  /** What is served from the start. */
  readonly first: Target;
  readonly current: () => Serving;
  /** Loads and warms a model beside the one that is served. @throws Refusal, ServingError */
  readonly load: (target: Target, onStep: (step: 'warm-up') => void) => Promise<LoadedModel>;
  readonly make: (loaded: LoadedModel, target: Target) => Serving;
  /** From this call on the next is served. Resolves when what the old one had is answered. */
  readonly exchange: (next: Serving) => Promise<void>;
  readonly rollouts: Rollouts;
  /** Records that wait or are in flight. */
  readonly backlog: () => Promise<number>;
  /** By the store's clock, in ms since 1970. */
  readonly now: () => number;
  readonly log: Log;
  /** Called when the report has changed. */
  readonly onReport: () => void;
}

/** In the order in which they are gone through. A worker that dies at any of them leaves its records to others, as ever. */
export type ReloadStep = 'read' | 'load' | 'warm-up' | 'check' | 'swap' | 'drain' | 'close';

/** What a reload that changed something, or nothing, says in the end. */
type Done = Pick<ReloadReport, 'changed' | 'compared' | 'difference'>;

export function createReloader(options: ReloaderOptions): Reloader {
  const { source, current, log } = options;
  let report: ReloadReport | undefined;
  let served = options.first;
  let servedPrint = served.print;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  /** What was served before; undefined before the first reload, and after a step back. */
  let previous: Target | undefined;

  const turns = createRolloutTurns({
    ...options,
    loadChecked: (target) => loadChecked(target, { isBack: false, isBeside: true }),
  });

  function show(next: ReloadReport): ReloadReport {
    report = next;
    options.onReport();
    return next;
  }

  async function turn(request: ReloadRequest): Promise<ReloadReport> {
    const { by, asked, rollout } = request;
    const begun = {
      by,
      ...(asked === undefined ? {} : { asked }),
      ...(rollout ? { rollout } : {}),
      at: Math.round(options.now()),
    };
    const before = report;
    show({ ...begun, state: 'loading' });
    try {
      enter('read');
      const done = await serve(request);
      return show({ ...begun, ...done, state: 'done', at: Math.round(options.now()) });
    } catch (error) {
      const refusal = rolloutCauses.includes(by) ? withoutKey(refusalOf(error)) : refusalOf(error);
      // A bug is not the config's fault, and the stack is needed to find it.
      if (!(error instanceof Refusal || error instanceof ServingError)) log.error('a reload failed', error);
      if (by !== 'change' || before?.refusal?.message !== refusal.message)
        log.warn(`not reloaded: ${refusal.code}: ${refusal.message} What was served before goes on.`, {
          code: refusal.code,
        });
      return show({ ...begun, state: 'refused', refusal, at: Math.round(options.now()) });
    }
  }

  async function serve({ by, rollout }: ReloadRequest): Promise<Done> {
    if (by === 'promote') return promote();
    if (by === 'abort') {
      await turns.abort();
      return { changed: 'rollout' };
    }
    if (by === 'rollout') {
      const compared = await (rollout ? turns.begin(rollout, served) : turns.resume(served));
      return { changed: 'rollout', ...(compared ? comparedOf(compared) : {}) };
    }
    turns.requireNone();
    const isBack = by === 'rollback';
    return take(isBack ? await targetBefore() : await source.read(), isBack);
  }

  /** What a reload to that version does, but for the load: it is there already, and was checked. */
  async function promote(): Promise<Done> {
    const { serving, target } = turns.requireRunning();
    const old = current();
    await swap(serving, target, { isBack: false, stays: true });
    source.noteRollout(undefined);
    await closeOld(old);
    log.info(`rollout: version ${serving.version ?? ''} answers all records`);
    return { changed: 'model' };
  }

  async function take(target: Target, isBack: boolean): Promise<Done> {
    const old = current();
    const changes = changesOf(served.config, target.config);
    const [first] = changes.restart;
    if (first !== undefined) throw restartNeeded(changes.restart);
    const isSame = changes.load.every((key) => namesModel.has(key)) && isSameModel(served, target);
    const settings = [...changes.live, ...changes.load];
    if (isSame && settings.length === 0) {
      source.pin(undefined);
      servedPrint = target.print;
      return { changed: 'nothing' };
    }
    if (isSame) {
      await swap(options.make(old.loaded, target), target, { isBack, stays: isBack });
      log.info(`reloaded: ${settings.join(', ')} changed, the model is the same`);
      return { changed: 'settings' };
    }
    const began = performance.now();
    const { loaded, compared } = await loadChecked(target, { isBack, isBeside: false });
    await swap(options.make(loaded, target), target, { isBack, stays: isBack });
    await closeOld(old);
    log.info(
      `reloaded in ${Math.round(performance.now() - began)} ms: ${target.model.source.file} is served; ${comparisonText(compared)}`,
    );
    return { changed: 'model', ...comparedOf(compared) };
  }

  /** @param isBeside  whether it is to answer beside the one that is served, not in its place */
  async function loadChecked(
    target: Target,
    kind: { readonly isBack: boolean; readonly isBeside: boolean },
  ): Promise<{ readonly loaded: LoadedModel; readonly compared: Comparison }> {
    enter('load');
    const loaded = await options.load(target, enter);
    try {
      enter('check');
      const compared = await check(current(), loaded, target, kind);
      requireOpen();
      return { loaded, compared };
    } catch (error) {
      await loaded.close();
      throw error;
    }
  }

  async function closeOld({ loaded }: Serving): Promise<void> {
    enter('close');
    await loaded.close().catch((error: unknown) => log.warn(`the old model: ${messageOf(error)}`));
  }

  /** @param stays  whether a worker that starts again is to serve this version, whatever the config says */
  async function swap(
    next: Serving,
    target: Target,
    { isBack, stays }: { readonly isBack: boolean; readonly stays: boolean },
  ): Promise<void> {
    enter('swap');
    const isSamePath = target.config.modelPath === served.config.modelPath;
    previous = isBack ? undefined : served;
    const drained = options.exchange(next);
    served = target;
    source.apply(target);
    const { version } = target.model.found;
    servedPrint = stays ? await source.print() : target.print;
    const isPinned = stays && isSamePath && version !== undefined;
    source.pin(isPinned ? { print: servedPrint, version } : undefined);
    enter('drain');
    await drained;
  }

  async function check(
    old: Serving,
    loaded: LoadedModel,
    target: Target,
    { isBack, isBeside }: { readonly isBack: boolean; readonly isBeside: boolean },
  ): Promise<Comparison> {
    loaded.dying.throwIfAborted();
    const trouble = shapeTrouble(old.loaded.model, loaded.model);
    if (trouble !== undefined && isBeside)
      throw new Refusal(
        'model-incompatible',
        `Two versions can only be served together where both take and answer the same: ${trouble}.`,
      );
    if (trouble !== undefined) {
      const waiting = await options.backlog();
      if (waiting > 0)
        throw new Refusal(
          'model-incompatible',
          `The new model does not fit the ${waiting} records that are in the queue: ${trouble}. It is taken by "cluster-serving reload" once the queue is empty.`,
          'modelPath',
        );
      log.warn(
        `the new model wants other records or gives other answers: ${trouble}; nothing waits, so it is taken`,
      );
      return { compared: 0, difference: 0 };
    }
    const compared = await compareAnswers(old.loaded.model, loaded.model, old.loaded.lastInputs.all);
    loaded.dying.throwIfAborted();
    if (compared.failure !== undefined)
      throw new Refusal(
        'model-run-failed',
        `The new model fails on an input that the old one answers: ${compared.failure}`,
        'modelPath',
      );
    const { reloadMaxDifferencePercent: limit } = target.config;
    if (!isBack && limit >= 0 && compared.difference * 100 > limit)
      throw new Refusal(
        'answers-differ',
        `The answers of the new model differ from those of the old one by up to ${percentOf(compared.difference)}, and reloadMaxDifferencePercent allows ${limit} %.`,
        'reloadMaxDifferencePercent',
      );
    return compared;
  }

  /** One step back: what was served before the last reload, or the version before this one. */
  async function targetBefore(): Promise<Target> {
    if (!previous) return source.readBefore(served);
    if ((await source.printModel(previous)) === previous.modelPrint) return previous;
    throw new Refusal(
      'rollback-impossible',
      `The files of the model that was served before are not as they were: ${previous.model.source.file}. Keep each version in a folder of its own (1/, 2/, …) to be able to go back.`,
    );
  }

  function enter(step: ReloadStep): void {
    requireOpen();
    log.info(`reload: ${step}`);
  }

  function requireOpen(): void {
    if (closed) throw new Refusal('job-not-stopping', 'The worker is stopping.');
  }

  function queueTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine;
    return mine;
  }

  return {
    get report() {
      return report;
    },
    get served() {
      return served;
    },
    get servedPrint() {
      return servedPrint;
    },
    reload: (request) => queueTurn(() => turn(request)),
    async resume() {
      if (source.notedRollout()) await queueTurn(() => turn({ by: 'rollout' }));
    },
    loseShadow: (reason) =>
      queueTurn(async () => {
        if (!options.rollouts.running?.wish.isShadow) return;
        await turns.abort().catch((error: unknown) => log.warn(`the shadow: ${messageOf(error)}`));
        const refusal = refusalOf(
          new Refusal('rollout-ended', `The model of the shadow has died: ${reason}`),
        );
        log.warn(`${refusal.code}: ${refusal.message}`, { code: refusal.code });
        show({ by: 'rollout', state: 'refused', refusal, at: Math.round(options.now()) });
      }),
    close() {
      closed = true;
    },
  };
}

/** Keys that may lead to the same model by another name. */
const namesModel: ReadonlySet<KeyName> = new Set(['modelPath', 'version']);

function isSameModel(old: Target, next: Target): boolean {
  return old.modelPrint === next.modelPrint && old.model.source.file === next.model.source.file;
}

function restartNeeded(keys: readonly string[]): Refusal {
  const names = keys.join(', ');
  const [verb, them] = keys.length === 1 ? ['needs', 'it'] : ['need', 'them'];
  return new Refusal(
    'restart-needed',
    `A change of ${names} ${verb} a restart: run "cluster-serving restart", or take ${them} back. Until then nothing of the config is taken over.`,
    keys[0],
  );
}

/** It is not the config that is wrong then. */
function withoutKey({ code, message }: ReloadRefusal): ReloadRefusal {
  return { code, message };
}

/** How an editor shows it: at which key, and in which words. */
function refusalOf(error: unknown): ReloadRefusal {
  if (error instanceof Refusal) {
    const { code, key, message } = error;
    return { code, message, ...(key === undefined ? {} : { key }) };
  }
  const code = error instanceof ServingError ? error.code : 'unexpected';
  const isOfModel = /^(?:model|runtime)-/.test(code);
  const [, named, message = messageOf(error)] = /^(modelPath|version): (.*)$/s.exec(messageOf(error)) ?? [];
  const key = named ?? (isOfModel ? 'modelPath' : undefined);
  return { code, message, ...(key === undefined ? {} : { key }) };
}

function comparedOf({ compared, difference }: Comparison): Pick<ReloadReport, 'compared' | 'difference'> {
  return { compared, difference: Number.isFinite(difference) ? difference : null };
}

function comparisonText({ compared, difference }: Comparison): string {
  if (compared === 0) return 'no input was there to compare the answers on';
  return difference === 0
    ? `the answers to the last ${compared} inputs are the same`
    : `the answers to the last ${compared} inputs differ by up to ${percentOf(difference)}`;
}
