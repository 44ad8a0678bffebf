import type {
  ChangeReport,
  DeadLetter,
  MovedRecord,
  Page,
  PendingRecord,
  QueueEvent,
  RecordPreview,
  WaitingRecord,
} from '../../../../schemas/redis/queueReports.ts';
import type { ListedPage, ListQuestion } from '../../../../schemas/recordsPage.ts';
import type { Cli, JsonLine, RunOptions } from '../cli.ts';
import { redisOf } from '../places.ts';
import { listedPage } from './listedPage.ts';
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
  /** Part of one of its lists, or of what is found in it. */
  listed(queue: QueueName, question: ListQuestion): Promise<ListedPage>;
  /** The records of these ids that are there, decoded. */
  previews(queue: QueueName, ids: readonly string[]): Promise<readonly RecordPreview[]>;
  /** The record of this id, or the first that waits. */
  peek(queue: QueueName, id: string | undefined): Promise<RecordPreview | undefined>;
  /** @param ids  undefined: all */
  requeue(queue: QueueName, ids: readonly string[] | undefined): Promise<ChangeReport>;
  kill(queue: QueueName, ids: readonly string[]): Promise<ChangeReport>;
  /** Takes a change back, as far as nothing has happened to its records since. */
  undo(queue: QueueName, report: ChangeReport): Promise<ChangeReport>;
  clear(queue: QueueName, what: 'waiting' | 'dead'): Promise<void>;
  sendTest(queue: QueueName, signal: AbortSignal): Promise<readonly JsonLine[]>;
}

export interface QueuesSetup {
  readonly cli: Cli;
  readonly configs: () => readonly ConfigAddress[];
  readonly intervalMs: () => number;
  readonly log: (message: string) => void;
}

/** Of a page of the table of records. */
const listedCount = 1_000;
/** How many ids one command gets. */
const changedAtOnce = 2_000;

export function createQueues({ cli, configs, intervalMs, log }: QueuesSetup): Queues {
  const store = createQueueStore();
  const watcher = createWatcher<QueueEvent>({
    cli,
    commands: () => followCommands(configs(), intervalMs()),
    emit: (event) => store.apply(event),
    log,
  });

  async function run(command: string, queue: QueueName, args: readonly string[], options?: RunOptions) {
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
        // The report that is taken back has the name.
        ...(command === 'undo' ? [] : [queue.jobName]),
        ...args.filter((arg) => !arg.startsWith('-')),
      ],
      options,
    );
  }

  async function one<T>(command: string, queue: QueueName, args: readonly string[]): Promise<T> {
    const [line] = await run(command, queue, args);
    return line as T;
  }

  /** In portions: a command line holds no hundred thousand ids. */
  async function change(
    command: 'requeue' | 'kill',
    queue: QueueName,
    ids: readonly string[],
  ): Promise<ChangeReport> {
    let done = 0;
    const refused: ChangeReport['refused'][number][] = [];
    const moved: MovedRecord[] = [];
    for (let at = 0; at < ids.length; at += changedAtOnce) {
      const report = await one<ChangeReport>(command, queue, ids.slice(at, at + changedAtOnce));
      done += report.done;
      refused.push(...report.refused);
      moved.push(...(report.undo?.records ?? []));
    }
    const undo = moved.length === 0 ? {} : { undo: { change: command, records: moved } };
    return { jobName: queue.jobName, done, refused, ...undo };
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
    async listed(queue, question) {
      const { state, after, uri } = question;
      const args = [...page(listedCount, after), ...(uri === undefined ? [] : [`--uri=${uri}`])];
      return listedPage(await one(state, queue, args), question, Date.now());
    },
    async previews(queue, ids) {
      const args = ids.map((id) => `--id=${id}`);
      return (await one<{ records: readonly RecordPreview[] }>('peek', queue, args)).records;
    },
    async peek(queue, id) {
      const args = [id === undefined ? '--waiting' : `--id=${id}`];
      const { records } = await one<{ records: readonly RecordPreview[] }>('peek', queue, args);
      return records[0];
    },
    requeue: (queue, ids) => (ids ? change('requeue', queue, ids) : one('requeue', queue, ['--all'])),
    kill: (queue, ids) => change('kill', queue, ids),
    async undo(queue, report) {
      const [line] = await run('undo', queue, [], { input: JSON.stringify(report) });
      return line as unknown as ChangeReport;
    },
    async clear(queue, what) {
      await run('clear', queue, [`--${what}`, '--yes']);
    },
    sendTest: (queue, signal) => run('send-test', queue, [], { signal }),
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
