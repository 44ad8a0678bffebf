import { expect, test } from 'vitest';
import type { Cli } from '../../../client/src/jobs/cli.ts';
import { createQueues, followCommands, type ConfigAddress } from '../../../client/src/jobs/queues/queues.ts';
import { createQueueStore } from '../../../client/src/jobs/queues/queueStore.ts';
import { aQueue } from '../aQueue.ts';

const config = (path: string, jobName: string, redisPort = '6379'): ConfigAddress => ({
  path,
  jobName,
  redisHost: 'localhost',
  redisPort,
});

test('one process follows each Redis, and knows every config there', () => {
  const commands = followCommands(
    [config('a', 'one'), config('b', 'two'), config('c', 'three', '7000')],
    500,
  );
  expect(commands.map((args) => args.slice(args.indexOf('-c')))).toEqual([
    ['-c', 'a', '--', 'one', 'two'],
    ['-c', 'c', '--', 'three'],
  ]);
  expect(followCommands([], 500)).toHaveLength(1);
});

test('a command names the queue, its Redis, and a config that has the sign-in', async () => {
  const ran: (readonly string[])[] = [];
  const cli: Cli = {
    run: (args) => {
      ran.push(args);
      return Promise.resolve([{ done: 1, refused: [] }]);
    },
    text: () => Promise.resolve(''),
    stream: () => ({ stop: () => Promise.resolve() }),
  };
  const configs = [config('a', 'one'), config('b', 'two')];
  const queues = createQueues({ cli, configs: () => configs, intervalMs: () => 1, log: () => undefined });
  await queues.requeue({ redis: 'localhost:6379', jobName: 'two' }, ['5-0']);
  await queues.requeue({ redis: 'localhost:6379', jobName: 'foreign' }, undefined);
  await queues.clear({ redis: 'far:1', jobName: 'x' }, 'dead');
  expect(ran).toEqual([
    ['queue', 'requeue', '--json', '--redis', 'localhost:6379', '-c', 'b', '--', 'two', '5-0'],
    ['queue', 'requeue', '--json', '--redis', 'localhost:6379', '-c', 'a', '--all', '--', 'foreign'],
    ['queue', 'clear', '--json', '--redis', 'far:1', '--dead', '--yes', '--', 'x'],
  ]);
});

test('a change is taken back by its report, which goes in as the standard input', async () => {
  const ran: [readonly string[], string | undefined][] = [];
  const cli: Cli = {
    run: (args, { input } = {}) => {
      ran.push([args, input]);
      return Promise.resolve([{ jobName: 'one', done: 1, refused: [] }]);
    },
    text: () => Promise.resolve(''),
    stream: () => ({ stop: () => Promise.resolve() }),
  };
  const configs = [config('a', 'one')];
  const queues = createQueues({ cli, configs: () => configs, intervalMs: () => 1, log: () => undefined });
  const undo = { change: 'kill', records: [{ id: '7-0' }] } as const;
  const report = { jobName: 'one', done: 1, refused: [], undo };
  expect(await queues.undo({ redis: 'localhost:6379', jobName: 'one' }, report)).toMatchObject({ done: 1 });
  expect(ran).toEqual([
    [['queue', 'undo', '--json', '--redis', 'localhost:6379', '-c', 'a', '--'], JSON.stringify(report)],
  ]);
});

test('what a portion says of how it is taken back is kept, and nothing is where none says it', async () => {
  let place = 0;
  const cliThat = (undoes: boolean): Cli => ({
    run: (args) => {
      const records = args.slice(args.indexOf('--') + 2).map(() => ({ id: `${++place}-0` }));
      const undo = undoes ? { undo: { change: 'kill', records } } : {};
      return Promise.resolve([{ jobName: 'one', done: records.length, refused: [], ...undo }]);
    },
    text: () => Promise.resolve(''),
    stream: () => ({ stop: () => Promise.resolve() }),
  });
  const ids = Array.from({ length: 2_500 }, (_, i) => `${i + 1}-0`);
  const kill = (undoes: boolean) =>
    createQueues({ cli: cliThat(undoes), configs: () => [], intervalMs: () => 1, log: () => undefined }).kill(
      { redis: 'r:1', jobName: 'one' },
      ids,
    );
  const { undo } = await kill(true);
  expect(undo?.change).toBe('kill');
  expect(undo?.records.map(({ id }) => id)).toEqual(ids);
  expect(await kill(false)).toEqual({ jobName: 'one', done: 2_500, refused: [] });
});

test('many records are changed in portions, and their reports are one', async () => {
  const counts: number[] = [];
  const cli: Cli = {
    run: (args) => {
      const ids = args.slice(args.indexOf('--') + 2);
      counts.push(ids.length);
      return Promise.resolve([
        { done: ids.length - 1, refused: [{ id: ids[0], why: 'It is answered already.' }] },
      ]);
    },
    text: () => Promise.resolve(''),
    stream: () => ({ stop: () => Promise.resolve() }),
  };
  const queues = createQueues({ cli, configs: () => [], intervalMs: () => 1, log: () => undefined });
  const ids = Array.from({ length: 4_500 }, (_, i) => `${i}-0`);
  const report = await queues.kill({ redis: 'localhost:6379', jobName: 'a' }, ids);
  expect(counts).toEqual([2_000, 2_000, 500]);
  expect(report).toMatchObject({ done: 4_497, refused: [{ id: '0-0' }, { id: '2000-0' }, { id: '4000-0' }] });
});

test('a list is asked for by its name, after a record, and by a part of the uri', async () => {
  const ran: (readonly string[])[] = [];
  const cli: Cli = {
    run: (args) => {
      ran.push(args);
      return Promise.resolve([{ records: [] }]);
    },
    text: () => Promise.resolve(''),
    stream: () => ({ stop: () => Promise.resolve() }),
  };
  const queues = createQueues({ cli, configs: () => [], intervalMs: () => 1, log: () => undefined });
  const queue = { redis: 'localhost:6379', jobName: 'a' };
  await queues.listed(queue, { state: 'dead', after: '5-0', uri: '-x y' });
  await queues.previews(queue, ['1-0', '2-0']);
  const common = ['--json', '--redis', 'localhost:6379'];
  expect(ran).toEqual([
    ['queue', 'dead', ...common, '--count=1000', '--after=5-0', '--uri=-x y', '--', 'a'],
    ['queue', 'peek', ...common, '--id=1-0', '--id=2-0', '--', 'a'],
  ]);
});

test('the store reports which queue has changed, and when queues come or go', () => {
  const store = createQueueStore();
  const told: (string | undefined)[] = [];
  store.onChange((id) => told.push(id));
  const id = 'localhost:6379/digits';
  store.apply({ event: 'queue', at: 1, queue: aQueue() });
  store.apply({ event: 'queue', at: 2, queue: aQueue({ waiting: 1 }) });
  expect(store.queue(id)?.waiting).toBe(1);
  store.apply({ event: 'redis', at: 3, redis: 'localhost:6379', error: 'away' });
  store.apply({ event: 'redis', at: 4, redis: 'localhost:6379', error: 'away' });
  store.apply({ event: 'gone', at: 5, jobName: 'digits', redis: 'localhost:6379' });
  expect(store.queues()).toEqual([]);
  expect(told).toEqual([undefined, id, undefined, undefined]);
});

test('what is not there at the first look of a new process is gone, on that Redis only', () => {
  const store = createQueueStore();
  for (const [redis, jobName] of [
    ['a:1', 'kept'],
    ['a:1', 'lost'],
    ['b:1', 'lost'],
  ] as const)
    store.apply({ event: 'queue', at: 1, queue: aQueue({ redis, jobName }) });
  store.apply({ event: 'queues', at: 2, redis: 'a:1', jobNames: ['kept'] });
  expect(store.queues().map(({ redis, jobName }) => `${redis}/${jobName}`)).toEqual(['a:1/kept', 'b:1/lost']);
});

test('a config that does not say where its queue is shows until it does', () => {
  const store = createQueueStore();
  const event = { event: 'config', at: 1, configPath: '/work/config.yaml' } as const;
  store.apply({ ...event, error: 'X is not set' });
  expect(store.problems()).toEqual(['X is not set']);
  store.apply({ ...event, error: null });
  expect(store.problems()).toEqual([]);
});

/** A command line that answers each command with one line. */
function answering(line: Readonly<Record<string, unknown>>): { readonly cli: Cli; readonly ran: string[] } {
  const ran: string[] = [];
  const cli: Cli = {
    run: (args) => {
      ran.push(args.filter((arg) => arg !== '--json').join(' '));
      return Promise.resolve([line]);
    },
    text: () => Promise.resolve(''),
    stream: () => ({ stop: () => Promise.resolve() }),
  };
  return { cli, ran };
}

const queuesOf = (cli: Cli) =>
  createQueues({ cli, configs: () => [], intervalMs: () => 1, log: () => undefined });
const queue = { redis: 'r:1', jobName: 'a' };

test('a record in flight keeps the second at which its consumer last showed, however long the list is looked at', async () => {
  const records = [
    { id: '1-0', consumer: 'c', idleMs: 0, deliveries: 1 },
    { id: '2-0', consumer: 'c', idleMs: 3_600_000, deliveries: 2 },
  ];
  const { cli } = answering({ records, next: '2-0' });
  const before = Date.now();
  const page = await queuesOf(cli).pending(queue, 10, undefined);
  const after = Date.now();
  expect(page.next).toBe('2-0');
  for (const [i, { idleMs, ...rest }] of records.entries()) {
    const { since = 0, ...shown } = page.records[i] ?? {};
    expect(shown).toEqual(rest);
    expect(since % 1_000).toBe(0);
    expect(since).toBeGreaterThanOrEqual(before - idleMs - 500);
    expect(since).toBeLessThanOrEqual(after - idleMs + 500);
  }
});

test('each question and each change is one command, and an id that looks like an option stays an option', async () => {
  const { cli, ran } = answering({ records: [{ id: '7-0' }] });
  const queues = queuesOf(cli);
  await queues.waiting(queue, 5, undefined);
  await queues.dead(queue, 5, '3-0');
  expect(await queues.peek(queue, '7-0')).toEqual({ id: '7-0' });
  expect(await queues.peek(queue, undefined)).toEqual({ id: '7-0' });
  await queues.sendTest(queue, new AbortController().signal);
  await queues.clear(queue, 'waiting');
  expect(ran).toEqual([
    'queue waiting --redis r:1 --count=5 -- a',
    'queue dead --redis r:1 --count=5 --after=3-0 -- a',
    'queue peek --redis r:1 --id=7-0 -- a',
    'queue peek --redis r:1 --waiting -- a',
    'queue send-test --redis r:1 -- a',
    'queue clear --redis r:1 --waiting --yes -- a',
  ]);
});

test('a record that has gone is none', async () => {
  expect(await queuesOf(answering({ records: [] }).cli).peek(queue, '7-0')).toBeUndefined();
});

test('of no records nothing is changed, and no command runs', async () => {
  const { cli, ran } = answering({});
  expect(await queuesOf(cli).kill(queue, [])).toEqual({ jobName: 'a', done: 0, refused: [] });
  expect(ran).toEqual([]);
});

test('the store forgets all that it knew, and says once that queues went', () => {
  const store = createQueueStore();
  store.apply({ event: 'queue', at: 1, queue: aQueue() });
  store.apply({ event: 'redis', at: 2, redis: 'localhost:6379', error: 'away' });
  store.apply({ event: 'config', at: 3, configPath: '/c.yaml', error: 'x' });
  const seen: (string | undefined)[] = [];
  const listener = store.onChange((id) => seen.push(id));
  store.forget();
  expect([store.queues(), [...store.trouble()], store.problems()]).toEqual([[], [], []]);
  expect(seen).toEqual([undefined]);
  listener.dispose();
  store.apply({ event: 'queue', at: 4, queue: aQueue() });
  expect(seen).toHaveLength(1);
});
