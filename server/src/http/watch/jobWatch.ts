import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { Heartbeat, JobReport, QueueFigures } from '../../../../schemas/jobEvents.ts';
import { readyWorker } from '../../queue/registry/jobReports.ts';
import { createRedisClock } from '../../queue/redis/redisClock.ts';
import type { StoreLink } from '../../queue/store.ts';

/** What is known of the jobs on one Redis, looked at once a second. */
export interface JobWatch {
  job(jobName: string): JobReport | undefined;
  /** All of them, by name. */
  jobs(): readonly JobReport[];
  figures(jobName: string): QueueFigures | undefined;
  /** A worker of the job that can be asked now, for what it says of the model; `forms` are those that all such workers
   *  read. */
  readyWorker(jobName: string): Heartbeat | undefined;
  /** Why Redis cannot be asked, if so. */
  readonly trouble: string | undefined;
  /** Why Redis takes no writes though it answers, if so. */
  readonly refusal: string | undefined;
  /** How far this machine's clock is ahead of Redis's, in ms. */
  readonly clockAheadMs: number;
  /** When Redis answered last, in ms by the monotonic clock; 0: never. */
  readonly readAt: number;
  /** When the job's workers answered something last, or had nothing to do, in ms by the monotonic clock. */
  progressAt(jobName: string): number;
  /** Looks now. Never throws: see `trouble`. */
  refresh(): Promise<void>;
  close(): void;
}

const intervalMs = 1_000;

interface Progress {
  readonly answered: number;
  readonly at: number;
}

export interface WatchOptions {
  readonly link: StoreLink;
  /** host:port, for the reports. */
  readonly redisText: string;
  /** Jobs whose queue is looked at even if no worker of theirs is registered. */
  readonly jobNames: ReadonlySet<string>;
  /** Called once when Redis cannot be asked, and with null when it can again. */
  readonly onTrouble: (message: string | null) => void;
}

export function watchJobs({ link, redisText, jobNames, onTrouble }: WatchOptions): JobWatch {
  let jobs = new Map<string, JobReport>();
  let queues = new Map<string, QueueFigures>();
  let ready = new Map<string, Heartbeat>();
  const progress = new Map<string, Progress>();
  let trouble: string | undefined = 'The queue has not been asked yet.';
  let refusal: string | undefined;
  let readAt = 0;
  const clock = createRedisClock();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function refresh(): Promise<void> {
    try {
      await link.run(async ({ server, registry, queues: admin }) => {
        await server.setClock(clock);
        const reports = await registry.readJobReports(redisText, () => false);
        jobs = new Map(reports.map((report) => [report.jobName, report]));
        queues = new Map(reports.map(({ jobName, queue }) => [jobName, queue]));
        ready = new Map(reports.flatMap((report) => entryOf(report.jobName, readyWorker(report))));
        for (const name of jobNames)
          if (!queues.has(name)) queues.set(name, await admin.readQueueFigures(name));
      });
      refusal = await refusalOf(link);
      if (readAt > 0 && trouble !== undefined) onTrouble(null);
      readAt = performance.now();
      trouble = undefined;
      for (const report of jobs.values()) noteProgress(report);
    } catch (error) {
      const message = messageOf(error);
      if (!closed && trouble !== message) onTrouble(message);
      trouble = message;
    }
  }

  function noteProgress({ jobName, workers, queue }: JobReport): void {
    const answered = workers.reduce((sum, { heartbeat }) => sum + (heartbeat?.processed ?? 0), 0);
    const before = progress.get(jobName);
    const isIdle = queue.waiting + queue.pending === 0;
    if (!before || isIdle || before.answered !== answered)
      progress.set(jobName, { answered, at: performance.now() });
  }

  const loop = () => {
    timer = setTimeout(() => {
      void refresh().then(() => {
        if (!closed) loop();
      });
    }, intervalMs);
  };
  loop();

  return {
    job: (jobName) => jobs.get(jobName),
    jobs: () => [...jobs.values()],
    figures: (jobName) => queues.get(jobName),
    readyWorker: (jobName) => ready.get(jobName),
    get trouble() {
      return trouble;
    },
    get refusal() {
      return refusal;
    },
    get clockAheadMs() {
      return clock.aheadMs();
    },
    get readAt() {
      return readAt;
    },
    progressAt: (jobName) => progress.get(jobName)?.at ?? performance.now(),
    refresh,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function entryOf<T>(name: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[name, value]];
}

/** Why Redis takes no writes. A user who may not try is no reason: what it needs it may. */
async function refusalOf(link: StoreLink): Promise<string | undefined> {
  try {
    await link.run(({ server }) => server.tryWrite());
    return undefined;
  } catch (error) {
    return error instanceof ServingError && /^(?:redis|kafka)-rights$/.test(error.code)
      ? undefined
      : messageOf(error);
  }
}
