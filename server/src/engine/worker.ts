import { hostname } from 'node:os';
import { messageOf } from '../../../schemas/errors.ts';
import type {
  Backend,
  EarlyBeat,
  EngineMessage,
  Heartbeat,
  Registration,
  SecretNeeded,
  SharingReport,
  WorkerState,
} from '../../../schemas/jobEvents.ts';
import { runtimeRow } from '../../../schemas/runtimes.ts';
import type { WorkerJob } from '../../../schemas/workerJob.ts';
import { createImageDecoder } from '../codec/image/imageThread.ts';
import type { Model } from '../model/model.ts';
import { readLabels, type Labels } from '../model/labels.ts';
import { loadModel } from '../model/loadModel.ts';
import type { ResolvedModel } from '../model/resolveModel.ts';
import type { ModelSource } from '../model/session.ts';
import type { Sharing } from '../model/sharing.ts';
import { lossyOutputs } from '../tensor/lossyOutputs.ts';
import type { WorkerQueue } from '../queue/recordQueue.ts';
import { systemClock } from './clock.ts';
import type { HttpWithin, WorkerSide } from '../http/withinWorker.ts';
import { createDecoder, createInputsDecoder } from './records/decodeRecord.ts';
import { createImageKeys } from './records/imageKeys.ts';
import { createEncoder, createNamer } from './records/encodeOutputs.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Log } from './log.ts';
import type { Requests } from './flow/requests.ts';
import { createStatistics } from './statistics.ts';
import { unlockModel } from './unlockModel.ts';
import { createVitalSigns, type VitalSigns } from './vitalSigns.ts';

export interface WorkerOptions {
  readonly workerId: string;
  readonly logFile: string;
  /** The bundle of modelWorker.ts. */
  readonly modelWorkerFile: string;
  /** The bundle of imageWorker.ts. */
  readonly imageWorkerFile: string;
  readonly log: Log;
  /** Of the process that stands for the worker: it is stopped by a signal to that. */
  readonly pid: number;
  readonly report: (message: EngineMessage) => void;
  /** Called once with what stops the worker. */
  readonly onStoppable: (stop: () => void) => void;
  /** Answers HTTP in this process, where the job is to. */
  readonly serveHttp?: ((worker: WorkerSide) => Promise<HttpWithin>) | undefined;
}

/** What a worker serves, and where. */
export interface Assignment {
  readonly job: WorkerJob;
  readonly backend: Backend;
  readonly model: ResolvedModel;
  readonly queue: WorkerQueue;
  /** A failure is left in the registration though the worker was never ready: who started it looks there. */
  readonly leavesFailure: boolean;
}

/** How long HTTP may take to send what it has when the worker ends by itself. */
const farewellMs = 500;
/** How long a stop may take to finish the records in flight before the rest is left to another worker. */
const drainMs = 30_000;

/** Serves a job from a queue until it is stopped; then all its records in flight are answered.
 *  A start that fails leaves nothing behind; a worker that fails later leaves the reason in its registration.
 *  @throws ServingError */
export async function runAssignment(options: WorkerOptions, assignment: Assignment): Promise<void> {
  const { workerId, log, report } = options;
  const { job, queue } = assignment;
  const { found, runtime, place } = assignment.model;
  let signs: VitalSigns | undefined;
  let registration: Registration | undefined;
  const stopping = stopSwitch(options.onStoppable);
  const progress = { ready: false };
  try {
    await queue.open();
    registration = registrationOf(assignment, options, queue.now());
    signs = createVitalSigns({ queue, registration, log, onStopAsked: stopping.stop });
    await signs.start();
    report({ step: 'model' });
    const source = await sourceOf(assignment, options, signs, stopping);
    if (!source) {
      await signs.end();
      await queue.forget(workerId);
      return;
    }
    const dying = new AbortController();
    const model = await loadModel({
      source,
      runtime,
      place: place.place,
      precision: job.precision,
      copies: job.copies,
      threads: job.threads,
      batchSize: job.batchSize,
      batching: job.batching,
      allowPickle: job.allowPickle,
      runTimeoutMs: job.runTimeoutMs,
      onPrint: (line, isTrouble = false) => log[isTrouble ? 'warn' : 'info'](`model: ${line}`),
      workerFile: options.modelWorkerFile,
      onLoaded: () => {
        report({ step: 'warm-up' });
      },
      onDeath: (error) => {
        dying.abort(error);
      },
    });
    const labels = readLabels(found.folder, model.outputs, model.labels);
    registration = withLabels(registration, labels, log);
    for (const line of [...lossyOutputs(model.outputs), ...(model.notes ?? [])]) log.warn(line);
    const { shared, reason } = model.sharing;
    const batches = shared ? `batches of up to ${job.batchSize}` : 'one record a run';
    log.info(`model ${source.file} loaded by ${runtimeRow(runtime).title}, ${batches}: ${reason}`);
    await serve(
      options,
      assignment,
      model,
      { registration, signs, stopping },
      { type: found.type, file: found.file, labels, dying: dying.signal },
      () => {
        progress.ready = true;
      },
    );
    await queue.trim();
    await model.close();
    await queue.forget(workerId);
  } catch (error) {
    // A beat that is still under way would write again what is taken back here.
    await signs?.end();
    const note =
      (progress.ready || assignment.leavesFailure) && registration
        ? queue.fail(registration, messageOf(error))
        : queue.forget(workerId);
    await note.catch(() => undefined);
    throw error;
  } finally {
    await queue.close();
  }
}

/** What a running worker is: as it is registered, how it shows that it lives, and how it is stopped. */
interface Life {
  readonly registration: Registration;
  readonly signs: VitalSigns;
  readonly stopping: StopSwitch;
}

/** What to load: the files of the model, or what they hold once they are decrypted.
 *  @returns undefined when the worker was stopped while it waited for the secret */
async function sourceOf(
  { job, model, queue }: Assignment,
  { workerId, log, report }: WorkerOptions,
  signs: VitalSigns,
  stopping: StopSwitch,
): Promise<ModelSource | undefined> {
  if (!model.isEncrypted) return model.source;
  stopping.listen();
  let needs: SecretNeeded | undefined;
  const beat = (): EarlyBeat => ({
    workerId,
    jobName: job.jobName,
    at: Math.round(queue.now()),
    ...(needs ? { state: 'waiting-for-secret', needs } : { state: 'starting' }),
  });
  // A store that is away is met by the wait too, which says it.
  const show = () => void signs.early(beat).catch(() => undefined);
  const source = await unlockModel({
    source: model.source,
    queue,
    log,
    onNeeds(of) {
      needs = of;
      show();
      report({ needs: of });
    },
    signal: stopping.asked,
  });
  if (needs && source) {
    needs = undefined;
    show();
    report({ step: 'model' });
  }
  return source;
}

/** A stop may be asked for before there is something to stop. */
interface StopSwitch {
  readonly stop: () => void;
  /** Aborted when it is asked. */
  readonly asked: AbortSignal;
  /** From now on the process lets itself be stopped. */
  listen(): void;
  /** Calls `stop` once, when it is asked for or if it was. */
  onStop(stop: () => void): void;
}

function stopSwitch(onStoppable: WorkerOptions['onStoppable']): StopSwitch {
  const asked = new AbortController();
  const stop = () => asked.abort();
  let listens = false;
  return {
    stop,
    asked: asked.signal,
    listen() {
      if (!listens) onStoppable(stop);
      listens = true;
    },
    onStop(stop) {
      if (asked.signal.aborted) stop();
      else asked.signal.addEventListener('abort', stop);
    },
  };
}

interface ServedModel {
  readonly type: string;
  readonly file: string;
  readonly labels: Labels;
  /** Aborted with the reason when the model cannot run any more. */
  readonly dying: AbortSignal;
}

async function serve(
  options: WorkerOptions,
  { job, queue }: Assignment,
  model: Model,
  { registration, signs, stopping }: Life,
  served: ServedModel,
  onReady: () => void,
): Promise<void> {
  const { workerId, log, report } = options;
  const { type, file, labels, dying } = served;
  const statistics = createStatistics(performance.now());
  const clock = systemClock(() => queue.now());
  const imageKeys = job.recordEncrypted ? await createImageKeys({ queue, clock, log }) : undefined;
  const images = createImageDecoder(options.imageWorkerFile);
  const fit = {
    inputs: model.inputs,
    batched: model.sharing.shared,
    inputAlreadyBatched: job.inputAlreadyBatched,
    imageResize: job.imageResize ?? undefined,
    images,
  };
  const filter = job.postProcessing ?? undefined;
  const names = job.labelResults ? labels : undefined;
  const engine = createEngine({
    queue,
    model,
    decode: createDecoder({ ...fit, decrypt: imageKeys?.decrypt }),
    encode: createEncoder(filter, model.outputs, names),
    // Images that come over HTTP are as their clients have them: what frontends encrypt is on its way through Redis.
    requests: options.serveHttp && {
      decode: createInputsDecoder(fit),
      name: createNamer(filter, model.outputs, names),
    },
    batchSize: job.batchSize,
    batchTimeoutMs: job.batchTimeoutMs,
    maxDeliveries: job.maxDeliveries,
    statistics,
    log,
    clock,
  });
  let http: HttpWithin | undefined;
  const modelFacts = () => ({
    inputs: model.inputs,
    outputs: model.outputs,
    batched: engine.sharing.shared,
    forms: ['original', 'typed'] as const,
    // A filter makes one text of a record, whatever its rows.
    rowsPerRecord: engine.sharing.shared && !job.postProcessing ? job.batchSize : 1,
  });
  const heartbeat = (state: WorkerState): Heartbeat => ({
    workerId,
    jobName: job.jobName,
    at: Math.round(queue.now()),
    state,
    modelType: type,
    modelFile: file,
    ...modelFacts(),
    sharing: reportOf(engine.sharing),
    ...(job.recordEncrypted ? { recordsEncrypted: true } : {}),
    ...statistics.report(performance.now()),
    ...(http ? { httpUrl: http.url } : {}),
    inHand: engine.inFlight,
    takenOver: queue.takenOver,
    reconnects: queue.reconnects,
    rssBytes: process.memoryUsage.rss(),
    clockAheadMs: queue.clockAheadMs,
  });

  const httpEnd = new AbortController();
  function stop(): void {
    log.info(`stopping: ${engine.inFlight} records in flight`);
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
    http = await options.serveHttp?.(sideOf(engine, job.jobName, modelFacts, served));
    await signs.ready(heartbeat, registration);
    stopping.onStop(stop);
    stopping.listen();
    dying.addEventListener('abort', () => engine.abort(dying.reason));
    dying.throwIfAborted();
    onReady();
    report({
      ready: registration,
      ...(http ? { httpUrl: http.url } : {}),
      sharing: reportOf(engine.sharing),
      lossyOutputs: lossyOutputs(model.outputs),
    });
    const place = http ? `, HTTP at ${http.url}` : '';
    log.info(`ready: job ${job.jobName}, worker ${workerId}, pid ${options.pid}${place}`);
    await engine.run(http && aborted(httpEnd.signal));
  } finally {
    await signs.end();
    if (!httpEnd.signal.aborted) await atMost(farewellMs, http?.stop());
    await images.close();
  }
  log.info(`stopped after ${statistics.processed} records`);
}

/** What HTTP sees of the worker. */
function sideOf(
  { requests }: Engine,
  jobName: string,
  model: WorkerSide['model'],
  { labels, dying }: ServedModel,
): WorkerSide {
  const asked = requests as Requests;
  const byOutput = Object.fromEntries(labels);
  return {
    jobName,
    model,
    labels: () => byOutput,
    get death() {
      return dying.aborted ? (dying.reason as Error) : undefined;
    },
    get waiting() {
      return asked.inFlight;
    },
    get progressAt() {
      return asked.progressAt;
    },
    ask: (name, record, deadline) => asked.ask(name, record, deadline),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

async function atMost(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))]);
}

function reportOf({ shared, reason }: Sharing): SharingReport {
  return { shared, reason };
}

function registrationOf({ job, backend }: Assignment, options: WorkerOptions, now: number): Registration {
  const { workerId, logFile, pid } = options;
  const { jobName, configPath, configDigest: digest } = job;
  return {
    workerId,
    jobName,
    backend,
    host: hostname(),
    pid,
    configPath,
    configDigest: digest,
    logFile,
    startedAt: Math.round(now),
  };
}

/** More would make every look at the jobs expensive. */
const maxLabelBytes = 64 * 1024;

function withLabels(registration: Registration, labels: Labels, log: Log): Registration {
  if (labels.size === 0) return registration;
  const byOutput = Object.fromEntries(labels);
  if (JSON.stringify(byOutput).length <= maxLabelBytes) return { ...registration, labels: byOutput };
  log.warn(`the names of the classes are longer than ${maxLabelBytes} bytes: frontends do not get them`);
  return registration;
}
