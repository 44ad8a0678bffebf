import { resultPrefix } from '../../../schemas/redis/redisKeys.ts';
import type { FrontendOptions } from '../../../schemas/programs/frontendOptions.ts';
import { openStoreLink } from '../queue/openStore.ts';
import { storeText, type StoreAddress } from '../queue/storeAddress.ts';
import type { StoreLink } from '../queue/store.ts';
import { createBodyReader, type BodyReader } from './body/bodyReader.ts';
import { watchJobs, type JobWatch } from './watch/jobWatch.ts';
import { createMetrics, type Metrics } from './watch/metrics.ts';
import { createPredictor } from './predict/predictor.ts';
import { isTypedModel } from '../ask/shares.ts';
import type { WatchedRedis } from './watch/presence.ts';
import { createQueueReach } from './reach/queueReach.ts';
import type { Reach } from './reach/reach.ts';
import { createWorkerReach, type WorkerSide } from './reach/workerReach.ts';
import { createImageEncryption, type EncryptImage } from '../ask/encryptImages.ts';
import { reloadWorkers } from '../queue/registry/reloadWorkers.ts';
import { createServable, type Servable } from './setup/servable.ts';
import { factsOf, type ServableFacts } from './setup/servableFacts.ts';
import { storeOfFacts } from './setup/storeOfFacts.ts';
import type { Tracing } from '../tracing/spans.ts';
import { createTokenBucket } from './tokenBucket.ts';

/** All that the routes work with. */
export interface Frontend {
  readonly options: FrontendOptions;
  readonly version: string;
  readonly metrics: Metrics;
  readonly bodies: BodyReader;
  /** Where traces are exported. */
  readonly tracing: Tracing | undefined;
  /** The job behind `POST /predict`. */
  readonly main: Servable;
  /** Those of servables-conf.yaml, in its order. */
  readonly servables: readonly Servable[];
  /** Each Redis in use. */
  readonly places: readonly WatchedRedis[];
  /** The jobs on each Redis in use. */
  readonly watches: readonly JobWatch[];
  /** A connection to the Redis of the main job. */
  readonly link: StoreLink;
  /** Set when the frontend is about to end: it is not ready from then on, and goes on answering. */
  stopping: boolean;
  /** Set when the time for new predictions is over: only what is being worked on is answered. */
  refusing: boolean;
  /** Looks at all jobs now, for a start that knows at once. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface FrontendSetup {
  readonly options: FrontendOptions;
  readonly version: string;
  readonly servables: readonly ServableFacts[];
  /** What the config says of images in records, for jobs whose workers do not say it. */
  readonly recordsEncrypted: boolean;
  /** The bundle of bodyWorker.ts. */
  readonly bodyWorkerFile: string;
  /** The worker that the frontend is a part of, whose model is the main one; absent for a frontend of its own. */
  readonly worker?: WorkerSide | undefined;
  readonly tracing?: Tracing | undefined;
  readonly onTrouble: (message: string | null) => void;
}

/** What is shared by all servables on one Redis. */
interface Hub extends WatchedRedis {
  readonly watch: JobWatch;
  readonly jobNames: Set<string>;
  /** Encrypts the images of records for the jobs there. */
  readonly encryption: () => Promise<EncryptImage>;
}

/** Wires the frontend; connections are made when they are first used. */
export function createFrontend({
  options,
  version,
  servables,
  recordsEncrypted,
  bodyWorkerFile,
  worker,
  tracing,
  onTrouble,
}: FrontendSetup): Frontend {
  const metrics = createMetrics();
  const bodies = createBodyReader(bodyWorkerFile);
  const hubs = new Map<string, Hub>();
  const closers: (() => void | Promise<void>)[] = [() => bodies.close()];

  function hubOf(address: StoreAddress): Hub {
    const key = JSON.stringify(address);
    const known = hubs.get(key);
    if (known) return known;
    const link = openStoreLink(address);
    const jobNames = new Set<string>();
    const watch = watchJobs({ link, redisText: storeText(address), jobNames, onTrouble });
    closers.push(
      () => watch.close(),
      () => link.close(),
    );
    const encryption = createImageEncryption(() => link.run(({ secrets }) => secrets.readSecret('record')));
    const hub = { link, watch, jobNames, encryption };
    hubs.set(key, hub);
    return hub;
  }

  function servableOf(facts: ServableFacts, reachOf: (facts: ServableFacts, hub: Hub) => Reach): Servable {
    const hub = hubOf(storeOfFacts(facts, options));
    hub.jobNames.add(facts.redisInputQueue);
    return createServable({
      facts,
      bucket: facts.tokenBucketEnabled
        ? createTokenBucket({
            tokensPerSecond: facts.tokensPerSecond,
            acquireTimeoutMs: options.tokenAcquireTimeout,
          })
        : undefined,
      watch: hub.watch,
      reach: reachOf(facts, hub),
      metrics,
      maxBacklog: options.maxBacklog,
    });
  }

  function byWorker(side: WorkerSide): (facts: ServableFacts, hub: Hub) => Reach {
    return (_facts, { watch }) => createWorkerReach({ worker: side, watch });
  }

  function byQueue(facts: ServableFacts, hub: Hub): Reach {
    const { redisInputQueue: jobName } = facts;
    const waiter = hub.link.createResultWaiter(jobName, facts.redisOutputQueue, {
      onTaken: (ms) => metrics.timers.get.add(ms),
    });
    closers.push(() => waiter.close());
    const predictor = createPredictor({
      waiter,
      createSubmitter: (recordsOf) =>
        hub.link.createSubmitter(jobName, {
          timeWindowMs: facts.timeWindow,
          countWindow: facts.countWindow,
          recordsOf,
          onWritten: (questions, ms) => {
            metrics.timers.put.add(ms);
            metrics.recordsPut += questions;
          },
        }),
      maxRows: () => hub.watch.readyWorker(jobName)?.rowsPerRecord ?? 1,
      model: () => {
        const ready = hub.watch.readyWorker(jobName);
        return { inputs: ready?.inputs ?? [], typed: isTypedModel(ready ?? {}) };
      },
      reasonOf: (uri) => hub.link.run(({ records }) => records.readReason(jobName, uri)),
      onAnswered: (questions) => {
        metrics.resultsTaken += questions;
      },
    });
    return createQueueReach({
      jobName,
      watch: hub.watch,
      predictor,
      async reload() {
        const question = { jobName, wish: { by: 'command' }, isGone: () => false } as const;
        const workers = await reloadWorkers((use) => hub.link.run(({ registry }) => use(registry)), question);
        return workers.map(({ report }) => report);
      },
      unregisteredWorkers: options.unregisteredWorkers,
      recordsEncrypted,
      encryption: hub.encryption,
    });
  }

  // The main job is a servable that is named as its stream.
  const mainFacts = factsOf(options, {
    modelName: options.redisInputQueue,
    modelVersion: '1',
    redisInputQueue: options.redisInputQueue,
    redisOutputQueue: outputPrefix(options),
    features: [],
  });
  const mainHub = hubOf(storeOfFacts(mainFacts, options));
  const isOfWorker = (facts: ServableFacts) =>
    facts.redisInputQueue === worker?.jobName && hubOf(storeOfFacts(facts, options)) === mainHub;
  const wayTo = (facts: ServableFacts) => (worker && isOfWorker(facts) ? byWorker(worker) : byQueue);
  const main = servableOf(mainFacts, wayTo(mainFacts));
  const others = servables.map((facts) => servableOf(facts, wayTo(facts)));
  return {
    options,
    version,
    metrics,
    bodies,
    tracing,
    main,
    servables: others,
    places: [...hubs.values()],
    watches: [...hubs.values()].map(({ watch }) => watch),
    link: mainHub.link,
    stopping: false,
    refusing: false,
    async refresh() {
      await Promise.all([...hubs.values()].map(({ watch }) => watch.refresh()));
    },
    async close() {
      // A waiter needs its link to the end.
      for (const close of closers.toReversed()) await close();
    },
  };
}

/** `result:` is what the original's guide says and its workers never used: it means the default. */
function outputPrefix({ redisInputQueue, redisOutputQueue }: FrontendOptions): string {
  const isDefault = redisOutputQueue === '' || redisOutputQueue === 'result:';
  return isDefault ? resultPrefix(redisInputQueue) : redisOutputQueue;
}
