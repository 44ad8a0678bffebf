import { InvalidArgumentError, Option, type Command } from 'commander';
import { isRecordId } from './recordId.ts';

/** What `main.ts` has for all commands. */
export interface CommandKit {
  readonly configOption: () => Option;
  readonly jsonOption: () => Option;
  readonly positiveInteger: (text: string) => number;
  readonly run: (action: () => Promise<number>) => () => Promise<void>;
}

/** `cluster-serving queue …`: looking into the queues of jobs, and mending what went wrong there. */
export function addQueueCommands(queue: Command, kit: CommandKit): void {
  const { run, positiveInteger } = kit;
  const sub = (name: string, description: string) =>
    queue
      .command(name)
      .description(description)
      .exitOverride()
      .showSuggestionAfterError()
      .addOption(kit.configOption())
      .option('--redis <host:port>', 'the Redis, where several have a job of this name')
      .addOption(kit.jsonOption());
  const ofJob = (name: string, description: string) =>
    sub(name, description).argument('[jobName]', 'the job; else that of the config');
  const paged = (name: string, description: string, page: number) =>
    ofJob(name, description)
      .option('--count <n>', 'so many records', upTo(1_000, positiveInteger), page)
      .option('--after <id>', 'go on after this one', id);

  const list = sub('list', 'Show the queues: what waits, who has what in hand, what is dead.')
    .argument('[jobNames...]', 'queues to show although nothing may serve them')
    .option('--follow', 'go on printing what changes, as lines of JSON')
    .option('--interval <ms>', 'how often to look with --follow', positiveInteger, 2_000);
  list.action((names: string[]) => run(async () => (await import('./list.ts')).list(names, list.opts()))());

  const waiting = paged(
    'waiting',
    'Show what no worker was given yet, in the order in which it will be.',
    100,
  );
  waiting.action((name?: string) =>
    run(async () => (await import('./waiting.ts')).waiting(name, waiting.opts()))(),
  );

  const pending = paged('pending', 'Show what workers were given and have not answered.', 100);
  pending.action((name?: string) =>
    run(async () => (await import('./pending.ts')).pending(name, pending.opts()))(),
  );

  const dead = paged('dead', 'Show the records that were given up, and why.', 100);
  dead.action((name?: string) => run(async () => (await import('./dead.ts')).dead(name, dead.opts()))());

  const peek = ofJob('peek', 'Show records decoded: their inputs, with shapes, statistics and pictures.')
    .option('--id <id>', 'this one, wherever it is', id)
    .option('--waiting', 'the first that wait (unless said otherwise)')
    .option('--pending', 'the oldest that workers have in hand')
    .option('--dead', 'the newest that were given up')
    .option('--count <n>', 'so many records', upTo(20, positiveInteger), 1)
    .option('--after <id>', 'go on after this one', id);
  peek.action((name?: string) => run(async () => (await import('./peek.ts')).peek(name, peek.opts()))());

  const requeue = changing('requeue', 'Put dead letters back into the queue, as they were.').option(
    '--all',
    'all that are there now',
  );
  requeue.action((names: string[]) =>
    run(async () => (await import('./requeue.ts')).requeueCommand(names, requeue.opts()))(),
  );

  const kill = changing('kill', 'Move records to the dead letters; their clients get NaN.');
  kill.action((names: string[]) =>
    run(async () => (await import('./kill.ts')).killCommand(names, kill.opts()))(),
  );

  const clear = ofJob('clear', 'Forget the records that wait, or the dead letters.')
    .option('--waiting', 'what no worker was given yet; the clients get no answer')
    .option('--dead', 'the dead letters')
    .option('-y, --yes', 'do not ask');
  clear.action((name?: string) => run(async () => (await import('./clear.ts')).clear(name, clear.opts()))());

  const sendTest = ofJob('send-test', 'Send a record of the right shape, and print its result.').option(
    '--timeout <seconds>',
    'wait so long for the result',
    positiveInteger,
    30,
  );
  sendTest.action((name?: string) =>
    run(async () => (await import('./sendTest.ts')).sendTest(name, sendTest.opts()))(),
  );

  function changing(name: string, description: string): Command {
    return sub(name, description).argument(
      '[names...]',
      'the job, unless it is that of the config; then ids',
    );
  }
}

function id(text: string): string {
  if (!isRecordId(text)) throw new InvalidArgumentError('It takes an id such as 1700000000000-0.');
  return text;
}

function upTo(max: number, read: (text: string) => number): (text: string) => number {
  return (text) => {
    const value = read(text);
    if (value > max) throw new InvalidArgumentError(`It takes at most ${max}.`);
    return value;
  };
}
