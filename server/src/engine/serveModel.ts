import type { Heartbeat, WorkerState } from '../../../schemas/jobEvents.ts';
import { messageOf } from '../../../schemas/errors.ts';
import type { ImageDecoder } from '../codec/image/imageThread.ts';
import type { HttpWithin, WorkerSide } from '../http/withinWorker.ts';
import { lossyOutputs } from '../tensor/lossyOutputs.ts';
import { systemClock } from './clock.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Requests } from './flow/requests.ts';
import { createImageKeys } from './records/imageKeys.ts';
import { createRollouts, type Rollouts } from './reload/rollouts.ts';
import { startReloads, type RunningReloads } from './reload/startReloads.ts';
import { servingOf, type LoadedModel, type Serving } from './serving.ts';
import { modelFacts, reportOf, withServing } from './shownWorker.ts';
import { createStatistics, type Statistics } from './statistics.ts';
import type { Assignment, Life, WorkerOptions } from './assignment.ts';

/** How long HTTP may take to send what it has when the worker ends by itself. */
const farewellMs = 500;
/** How long a stop may take to finish the records in flight before the rest is left to another worker. */
const drainMs = 30_000;

/** Serves a loaded model, and what takes its place, until the worker is stopped.
 *  @returns the model that is served at the end */
export async function serve(
  options: WorkerOptions,
  { job, queue, reloads }: Assignment,
  first: LoadedModel,
  { registration, signs, stopping, onReloadAsked }: Life,
  images: ImageDecoder,
  onReady: () => void,
): Promise<LoadedModel> {
  const { workerId, log, report } = options;
  const statistics = createStatistics(performance.now());
  const clock = systemClock(() => queue.now());
  const imageKeys = job.recordEncrypted ? await createImageKeys({ queue, clock, log }) : undefined;
  const parts = { images, imageKeys, takesRequests: options.serveHttp !== undefined };
  let serving = servingOf(first, job, parts);
  let exchanges = 0;
  const engine = createEngine({ ...serving, queue, statistics, log, clock, tracing: options.tracing });
  const rollouts = createRollouts({ engine, served: () => serving, clock, log });
  let http: HttpWithin | undefined;
  let running: RunningReloads | undefined;
  const facts = () => ({
    ...modelFacts(serving, engine.sharing),
    ...(running?.report ? { reload: running.report } : {}),
    ...rolloutFacts(),
  });
  const rolloutFacts = () => {
    const rollout = rollouts.report();
    return rollout ? { rollout } : {};
  };
  const heartbeat = (state: WorkerState): Heartbeat => ({
    workerId,
    jobName: job.jobName,
    at: Math.round(queue.now()),
    state,
    modelType: serving.loaded.resolved.found.type,
    modelFile: serving.loaded.resolved.found.file,
    ...facts(),
    sharing: reportOf(engine.sharing),
    ...(job.recordEncrypted ? { recordsEncrypted: true } : {}),
    ...statistics.report(performance.now()),
    ...(http ? { httpUrl: http.url } : {}),
    ...(running ? { reloads: exchanges } : {}),
    inHand: engine.inFlight,
    takenOver: queue.takenOver,
    reconnects: queue.reconnects,
    rssBytes: process.memoryUsage.rss(),
    clockAheadMs: queue.clockAheadMs,
  });

  /** Records that a dead model had are another worker's; no record depends on a shadow. */
  function abortBy({ dying }: LoadedModel): void {
    const end = () => {
      const shadow = rollouts.running?.wish.isShadow ? rollouts.running.serving.loaded : undefined;
      if (shadow?.dying !== dying) engine.abort(dying.reason);
      else void running?.loseShadow(messageOf(dying.reason));
    };
    dying.addEventListener('abort', end);
    dying.throwIfAborted();
  }

  /** What is served and what is said of it change in the same turn. */
  async function exchange(next: Serving): Promise<void> {
    const drained = engine.exchange(next);
    const ended = rollouts.end();
    serving = next;
    exchanges += 1;
    signs.show(withServing(registration, serving, log));
    await Promise.all([drained, ended]);
  }

  const httpEnd = new AbortController();
  function stop(): void {
    log.info(`stopping: ${engine.inFlight} records in flight`);
    running?.close();
    signs.stopping();
    engine.stop();
    void http?.stop().finally(() => httpEnd.abort());
    setTimeout(() => {
      log.error(
        `${engine.inFlight} records were not finished within ${drainMs} ms; another worker will take them over`,
      );
      process.exit(1);
    }, drainMs).unref();
  }

  try {
    running =
      reloads &&
      startReloads({
        reloads,
        current: () => serving,
        make(loaded, target) {
          if (loaded !== serving.loaded) abortBy(loaded);
          return servingOf(loaded, target.job, parts);
        },
        exchange,
        rollouts,
        images,
        queue,
        modelWorkerFile: options.modelWorkerFile,
        log,
        onReport: () => signs.show(),
      });
    // What was chosen for a version is answered by that one from the first record on.
    await running?.resume();
    http = await options.serveHttp?.(
      sideOf(engine, job.jobName, {
        facts,
        serving: () => serving,
        rollouts,
        reload: (request) => running?.reload(request),
        statistics,
      }),
    );
    await signs.ready(heartbeat, withServing(registration, serving, log));
    onReloadAsked((request) => void running?.reload(request));
    stopping.onStop(stop);
    stopping.onHangUp(() => void hangUp(options, running, stopping.stop));
    stopping.listen();
    abortBy(first);
    onReady();
    report({
      ready: withServing(registration, serving, log),
      ...(http ? { httpUrl: http.url } : {}),
      sharing: reportOf(engine.sharing),
      lossyOutputs: lossyOutputs(first.model.outputs),
    });
    const place = http ? `, HTTP at ${http.url}` : '';
    log.info(`ready: job ${job.jobName}, worker ${workerId}, pid ${options.pid}${place}`);
    await engine.run(http && aborted(httpEnd.signal));
  } finally {
    running?.close();
    await signs.end();
    const second = rollouts.running?.serving.loaded;
    if (second) await atMost(farewellMs, second.close());
    if (!httpEnd.signal.aborted) await atMost(farewellMs, http?.stop());
  }
  log.info(`stopped after ${statistics.processed} records`);
  return serving.loaded;
}

/** SIGHUP comes when a terminal is closed, and then the worker is to end. Other programs get it to read their config again: so
 *  does a worker whose config or model has changed, unless its terminal has gone. */
async function hangUp(
  { log, hasLostTerminal }: WorkerOptions,
  running: RunningReloads | undefined,
  stop: () => void,
): Promise<void> {
  if (hasLostTerminal?.() === true) log.info('the terminal was closed (SIGHUP)');
  else if (running && !(await running.isUpToDate())) {
    log.info('SIGHUP, and the config or the model has changed');
    await running.reload({ by: 'signal' });
    return;
  } else log.info('SIGHUP, and neither the config nor the model has changed');
  stop();
}

interface SideParts {
  readonly facts: () => ReturnType<WorkerSide['model']>;
  readonly serving: () => Serving;
  readonly rollouts: Rollouts;
  readonly reload: WorkerSide['reload'];
  readonly statistics: Statistics;
}

/** What HTTP sees of the worker. */
function sideOf(
  engine: Engine,
  jobName: string,
  { facts, serving, rollouts, reload, statistics }: SideParts,
): WorkerSide {
  const asked = engine.requests as Requests;
  return {
    jobName,
    model(choice) {
      const chosen = choice && rollouts.servingOf(choice);
      return chosen && chosen !== serving() ? modelFacts(chosen, chosen.loaded.trust.sharing) : facts();
    },
    labels: (choice) => Object.fromEntries((choice ? rollouts.servingOf(choice) : serving()).loaded.labels),
    reload,
    inferences: () => ({
      ...statistics.inferences.report(),
      queueWait: statistics.stages.queueWait.counts(),
    }),
    get death() {
      const { dying } = serving().loaded;
      return dying.aborted ? (dying.reason as Error) : undefined;
    },
    get waiting() {
      return asked.inFlight;
    },
    get progressAt() {
      return asked.progressAt;
    },
    ask: (name, record, deadline, more) => asked.ask(name, record, deadline, more),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

async function atMost(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))]);
}
