import type { QueueFigures, Registration } from '../../../../../schemas/jobEvents.ts';
import { heartbeatTtlMs } from '../../../../../schemas/redis/redisKeys.ts';
import { modelOf, reportJobs } from '../../registry/jobReports.ts';
import { parseFrontendBeat, parseHeartbeat, parseRegistration } from '../../registry/registryEntries.ts';
import { reloadText } from '../../registry/reloadRequest.ts';
import type { Registry } from '../../store.ts';
import type { RegistryLog } from './registryLog.ts';
import { takeLock } from './startLockEntry.ts';
import { goneOf, stopText } from './workerEntry.ts';

/** The registry in its topic.
 *  @param readFigures  of the queue of a job */
export function createKafkaRegistry(
  log: RegistryLog,
  readFigures: (jobName: string, inHand: number) => Promise<QueueFigures>,
): Registry {
  const { view } = log;

  function registrations(): Registration[] {
    return [...view.of('worker')].flatMap(([id, { text }]) => parseRegistration(id, text) ?? []);
  }

  /** What has been written just now, by what. */
  function beats(kind: 'beat' | 'frontend'): Map<string, string> {
    const since = log.now() - heartbeatTtlMs;
    return new Map([...view.of(kind)].flatMap(([id, { text, time }]) => (time >= since ? [[id, text]] : [])));
  }

  async function readJobReports(storeText: string, isDead: (registration: Registration) => boolean) {
    await log.refresh();
    const all = registrations();
    const living = beats('beat');
    const jobNames = [...new Set(all.map(({ jobName }) => jobName))].sort();
    const figures = await Promise.all(
      jobNames.map(async (jobName) => {
        const inHand = inHandOf(all, living, jobName);
        return [jobName, await readFigures(jobName, inHand)] as const;
      }),
    );
    return reportJobs({
      registrations: all,
      beats: living,
      flinkJobs: [],
      figures: new Map(figures),
      storeText,
      now: log.now(),
      isDead,
    });
  }

  return {
    async readRegistrations() {
      await log.refresh();
      return registrations();
    },
    unregister: (id) => log.write([{ kind: 'worker', id, text: null }, ...goneOf(id)]),
    askToStop: (id) => log.write([{ kind: 'ask', id, text: stopText }]),
    askToReload: (id, wish, asked) => log.write([{ kind: 'ask', id, text: reloadText(wish, asked) }]),
    async readReload(registration) {
      await log.refresh();
      return parseHeartbeat(registration, beats('beat').get(registration.workerId) ?? '')?.reload;
    },
    async readLiving(workers) {
      await log.refresh();
      const living = beats('beat');
      return workers.filter(({ workerId }) => living.has(workerId));
    },
    async isServing(registration) {
      await log.refresh();
      return parseHeartbeat(registration, beats('beat').get(registration.workerId) ?? '') !== undefined;
    },
    async readBrokenEntries() {
      await log.refresh();
      const broken = [...view.of('worker')].filter(([id, { text }]) => !parseRegistration(id, text));
      return broken.map(([field]) => ({ key: 'worker', field }));
    },

    // A job on Flink reads from Redis; the config is refused before it comes to this.
    saveFlinkJob: () => Promise.reject(new Error('a job on Flink does not read from Kafka')),
    readFlinkJobs: () => Promise.resolve([]),
    forgetFlinkJob: () => Promise.resolve(),

    async beatFrontend(report) {
      const id = report.frontendId;
      await log.write([{ kind: 'frontend', id, text: JSON.stringify(report) }]);
      await log.refresh();
      return view.of('askFrontend').has(id);
    },
    forgetFrontend: (id) =>
      log.write([
        { kind: 'frontend', id, text: null },
        { kind: 'askFrontend', id, text: null },
      ]),
    async readFrontends(storeText) {
      await log.refresh();
      return [...beats('frontend')]
        .flatMap(([id, text]) => parseFrontendBeat(id, text) ?? [])
        .map((beat) => ({ ...beat, redis: storeText }))
        .sort((a, b) => (`${a.url} ${a.frontendId}` < `${b.url} ${b.frontendId}` ? -1 : 1));
    },
    askFrontendToStop: (id) => log.write([{ kind: 'askFrontend', id, text: stopText }]),

    readJobReports,
    readModel: async (jobName) => modelOf(await readJobReports('', () => false), jobName),
    takeStartLock: (jobName, starter) => takeLock(log, jobName, starter),
    breakStartLock: async (_jobName, heldBy) => {
      const token = tokenOf(heldBy);
      if (token !== undefined) await log.write([{ kind: 'lock', id: token, text: null }]);
    },
  };
}

function inHandOf(
  all: readonly Registration[],
  living: ReadonlyMap<string, string>,
  jobName: string,
): number {
  return all
    .filter((registration) => registration.jobName === jobName)
    .map((registration) => parseHeartbeat(registration, living.get(registration.workerId) ?? ''))
    .reduce((sum, heartbeat) => sum + (heartbeat?.inHand ?? 0), 0);
}

/** Of a lock's text, which names the message that holds it. */
function tokenOf(heldBy: string): string | undefined {
  try {
    const { token } = JSON.parse(heldBy) as { readonly token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}
