import type {
  ChangeReport,
  DeadLetter,
  Page,
  PendingRecord,
  QueueEvent,
  RecordPreview,
  WaitingRecord,
} from '../../../../schemas/redis/queueReports.ts';
import type { Cli, JsonLine } from '../cli.ts';
import { redisOf } from '../places.ts';
import { createQueueStore, type QueueStore } from './queueStore.ts';
import { createWatcher, type Watcher } from '../watcher.ts';

/** One queue: two jobs on different servers may have the same name. */
export interface QueueName {
  readonly redis: string;
  readonly jobName: string;
}

export interface ConfigAddress {
  readonly path: string;
  readonly jobName: string;
  readonly redisHost: string;
  readonly redisPort: string;
  readonly store?: string;
}

/** A record that a consumer holds. */
export interface HeldRecord extends Omit<PendingRecord, 'idleMs'> {
  /** When its consumer last showed that it works on it, in ms since 1970: unlike an age it stays true while time passes. */
  readonly since: number;
}

/** The queues, through the command line: watched while they are looked at, and asked and changed on demand. */
export interface Queues {
  readonly store: QueueStore;
  readonly watcher: Watcher;
  waiting(queue: QueueName, count: number, after: string | undefined): Promise<Page<WaitingRecord>>;
  pending(queue: QueueName, count: number, after: string | undefined): Promise<Page<HeldRecord>>;
  dead(queue: QueueName, count: number, after: string | undefined): Promise<Page<DeadLetter>>;
  /** The record of this id, or the first that waits. */
  peek(queue: QueueName, id: string | undefined): Promise<RecordPreview | undefined>;
  /** @param ids  undefined: all */
  requeue(queue: QueueName, ids: readonly string[] | undefined): Promise<ChangeReport>;
  kill(queue: QueueName, ids: readonly string[]): Promise<ChangeReport>;
  clear(queue: QueueName, what: 'waiting' | 'dead'): Promise<void>;
  sendTest(queue: QueueName, signal: AbortSignal): Promise<readonly JsonLine[]>;
}

export interface QueuesSetup {
  readonly cli: Cli;
  readonly configs: () => readonly ConfigAddress[];
  readonly intervalMs: () => number;
  readonly log: (message: string) => void;
}

export function createQueues({ cli, configs, intervalMs, log }: QueuesSetup): Queues {
  const store = createQueueStore();
  const watcher = createWatcher<QueueEvent>({
    cli,
    commands: () => followCommands(configs(), intervalMs()),
    emit: (event) => store.apply(event),
    log,
  });

  async function run(command: string, queue: QueueName, args: readonly string[], signal?: AbortSignal) {
    // A config of the same Redis has the sign-in.
    const config =
      configs().find((one) => isAt(one, queue.redis) && one.jobName === queue.jobName) ??
      configs().find((one) => isAt(one, queue.redis));
    return cli.run(
      [
        'queue',
        command,
        '--json',
        '--redis',
        queue.redis,
        ...(config ? ['-c', config.path] : []),
        ...args.filter((arg) => arg.startsWith('-')),
        '--',
        queue.jobName,
        ...args.filter((arg) => !arg.startsWith('-')),
      ],
      signal ? { signal } : {},
    );
  }

  async function one<T>(command: string, queue: QueueName, args: readonly string[]): Promise<T> {
    const [line] = await run(command, queue, args);
    return line as T;
  }

  const page = (count: number, after: string | undefined) => [
    `--count=${count}`,
    ...(after === undefined ? [] : [`--after=${after}`]),
  ];

  return {
    store,
    watcher,
    waiting: (queue, count, after) => one('waiting', queue, page(count, after)),
    async pending(queue, count, after) {
      const found = await one<Page<PendingRecord>>('pending', queue, page(count, after));
      const now = Date.now();
      const records = found.records.map(({ idleMs, ...record }) => ({
        ...record,
        since: Math.round((now - idleMs) / 1000) * 1000,
      }));
      return { ...found, records };
    },
    dead: (queue, count, after) => one('dead', queue, page(count, after)),
    async peek(queue, id) {
      const args = [id === undefined ? '--waiting' : `--id=${id}`];
      const { records } = await one<{ records: readonly RecordPreview[] }>('peek', queue, args);
      return records[0];
    },
    requeue: (queue, ids) => one('requeue', queue, ids ?? ['--all']),
    kill: (queue, ids) => one('kill', queue, ids),
    async clear(queue, what) {
      await run('clear', queue, [`--${what}`, '--yes']);
    },
    sendTest: (queue, signal) => run('send-test', queue, [], signal),
  };
}

function isAt(config: ConfigAddress, redis: string): boolean {
  return redisOf(config) === redis;
}

/** One process for each Redis. The jobs of all configs are named, for a queue may hold records although its job has been
 *  stopped. */
export function followCommands(
  configs: readonly ConfigAddress[],
  intervalMs: number,
): readonly (readonly string[])[] {
  const byRedis = new Map<string, ConfigAddress[]>();
  for (const config of configs) {
    const redis = redisOf(config);
    byRedis.set(redis, [...(byRedis.get(redis) ?? []), config]);
  }
  const command = ['queue', 'list', '--follow', '--json', '--interval', String(intervalMs)];
  if (byRedis.size === 0) return [command];
  return [...byRedis.values()].map((here) => [
    ...command,
    '-c',
    here[0]?.path ?? '',
    '--',
    ...here.map(({ jobName }) => jobName),
  ]);
}
