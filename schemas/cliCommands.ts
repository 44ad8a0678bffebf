import { secretVariables } from './encryption.ts';
import { originalEntryClass } from './flinkJob.ts';
import { httpDefaults } from './httpDefaults.ts';
import { runtimeNames, runtimeRow } from './runtimes.ts';

/** Every command of the command line, as data. From it come the parser (`server/src/cli/program.ts`), the help, the shell
 *  completions and the man pages; a command without a handler does not compile (`server/src/cli/handlers.ts`). */

export interface CliOption {
  /** As the help shows it: `-c, --config <path>`. */
  readonly flags: string;
  readonly meaning: string;
  readonly default?: string | number | readonly string[];
  /** How its value is read; a text, or true for one without a value, where this is absent. */
  readonly reads?: 'wholeNumber' | 'port' | 'recordId' | 'list';
  /** The greatest whole number. */
  readonly max?: number;
  /** What a shell offers for its value. */
  readonly offers?: 'files' | readonly string[];
}

export interface CliArgument {
  /** `[name]` may be absent, `<name>` may not; `...` takes several. */
  readonly name: string;
  readonly meaning: string;
  readonly offers?: 'files' | 'jobs' | readonly string[];
}

export interface CliCommand {
  readonly meaning: string;
  readonly argument?: CliArgument;
  readonly options: readonly CliOption[];
  /** What its exit codes mean, where that is more than done, failed and wrong use. */
  readonly exitCodes?: Readonly<Record<0 | 1 | 2, string>>;
  /** It reads its options by itself (`cluster-serving-http`). */
  readonly readsOwnOptions?: boolean;
  /** It goes on until it is stopped, so that a person would not wait for it. */
  readonly follows?: boolean;
}

const config: CliOption = {
  flags: '-c, --config <path>',
  meaning: 'the config file',
  default: 'config.yaml',
  offers: 'files',
};
const json: CliOption = { flags: '--json', meaning: 'print JSON for programs' };
const threads: CliOption = {
  flags: '-o, --threads <n>',
  meaning: 'threads for each copy of the model; overrides threadPerModel',
  reads: 'wholeNumber',
};
const backend: CliOption = {
  flags: '--backend <name>',
  meaning: 'the backend to run on; overrides the config',
  offers: ['embedded', 'flink'],
};
const onFlink: readonly CliOption[] = [
  { flags: '--start-flink', meaning: 'start the Flink in FLINK_HOME if nothing listens at flinkRestUrl' },
  {
    flags: '--jar <file>',
    meaning: 'on Flink: submit this jar instead of the built-in one, such as the jar of the original',
    offers: 'files',
  },
  { flags: '--class <name>', meaning: 'the class in that jar', default: originalEntryClass },
];
const overHttp: readonly CliOption[] = [
  {
    flags: '--http [port]',
    meaning: `let the worker itself answer HTTP, without Redis between; ${httpDefaults.port} without a port, a free one for 0; overrides httpPort`,
    reads: 'port',
  },
  {
    flags: '--http-option <name=value>',
    meaning: 'an option of "cluster-serving http" for that, such as apiKey=...; may be repeated',
    reads: 'list',
    default: [],
  },
];
const noWait: CliOption = {
  flags: '--no-wait',
  meaning: 'do not wait for the secret of an encrypted model; end with the code model-secret-missing',
};
const yes: CliOption = { flags: '-y, --yes', meaning: 'do not ask' };
const job: CliArgument = {
  name: '[jobName]',
  meaning: 'the job; by default that of the config',
  offers: 'jobs',
};
const interval = (meaning: string): CliOption => ({
  flags: '--interval <ms>',
  meaning,
  reads: 'wholeNumber',
  default: 2_000,
});
const timeout: CliOption = {
  flags: '--timeout <seconds>',
  meaning: 'how long to wait for the results',
  reads: 'wholeNumber',
  default: 30,
};
const after: CliOption = { flags: '--after <id>', meaning: 'start after this record', reads: 'recordId' };
const count = (most: number, usual: number): CliOption => ({
  flags: '--count <n>',
  meaning: 'how many records to show',
  reads: 'wholeNumber',
  max: most,
  default: usual,
});
const ofQueue: readonly CliOption[] = [
  config,
  { flags: '--redis <host:port>', meaning: 'the Redis to use, if several have a job of this name' },
  json,
];
const ids: CliArgument = {
  name: '[names...]',
  meaning: 'the ids, after the name of the job if it is not that of the config',
  offers: 'jobs',
};

export const cliCommands = {
  init: {
    meaning: 'Write a commented config.yaml into the current folder.',
    options: [
      { flags: '--force', meaning: 'overwrite an existing one' },
      { flags: '--model <path>', meaning: 'the folder of the model, as modelPath', offers: 'files' },
      { flags: '--job-name <name>', meaning: 'the name of the job' },
    ],
  },
  start: {
    meaning: 'Start the job that a config.yaml describes, and wait until it answers.',
    options: [
      config,
      threads,
      {
        flags: '--workers <n>',
        meaning: 'how many workers to add; also for a job that is already running',
        reads: 'wholeNumber',
      },
      backend,
      ...overHttp,
      ...onFlink,
      noWait,
      { flags: '--foreground', meaning: 'stay in the foreground, for containers and systemd' },
      json,
    ],
  },
  stop: {
    meaning: 'Stop a job after it has answered the records in flight.',
    argument: job,
    options: [
      config,
      { flags: '--all', meaning: 'every job that is known here' },
      { flags: '--drain', meaning: 'first answer all waiting records' },
      { flags: '--http <url>', meaning: 'an HTTP frontend instead, by its URL or id as "list" shows it' },
      json,
    ],
  },
  restart: {
    meaning: 'Stop the job of a config and start it again.',
    options: [config, threads, backend, ...overHttp, ...onFlink, noWait, json],
  },
  list: { meaning: 'List the jobs, including those that died.', options: [config, json] },
  status: {
    meaning: 'Show the details of one job, or of all.',
    argument: { ...job, meaning: 'the job; by default all' },
    options: [config, json],
  },
  logs: {
    meaning: "Show a job's log.",
    argument: job,
    options: [
      config,
      { flags: '-f, --follow', meaning: 'keep printing new lines' },
      { flags: '-n, --lines <n>', meaning: 'how many of the last lines', reads: 'wholeNumber', default: 500 },
      { flags: '--files', meaning: 'print where the logs on this machine are, and not what is in them' },
    ],
  },
  predict: {
    meaning: 'Send images, JSON instances or .npy files through the queue and print the results.',
    argument: {
      name: '<files...>',
      meaning: 'images (png, jpeg), .json, .npy; "-" reads JSON from the standard input',
      offers: 'files',
    },
    options: [
      config,
      { flags: '--input <name>', meaning: 'the name of the input that an image or .npy goes to' },
      timeout,
      json,
    ],
  },
  watch: {
    meaning: 'Print a line of JSON for each change of a job or its queue.',
    options: [config, json, interval('how often to look')],
    follows: true,
  },
  doctor: {
    meaning: 'Check everything that a start needs, and print the remedy for each problem.',
    options: [config, json],
  },
  lint: {
    meaning: 'Check configs as the editor does; --fix corrects what it can.',
    argument: {
      name: '[paths...]',
      meaning: 'files, or folders to look into; "-" reads the standard input',
      offers: 'files',
    },
    options: [
      {
        flags: '--format <name>',
        meaning: 'text, json, sarif or github',
        default: 'text',
        offers: ['text', 'json', 'sarif', 'github'],
      },
      { flags: '--fix', meaning: 'make the corrections that do not change the meaning' },
      { flags: '--quiet', meaning: 'only errors and warnings' },
      { flags: '--force', meaning: 'check the named files even if they do not look like configs' },
      {
        flags: '--severity <code=level>',
        meaning: 'error, warning, information, hint or off',
        reads: 'list',
        default: [],
      },
      {
        flags: '--stdin-filename <path>',
        meaning: 'the path to assume for the standard input',
        default: 'config.yaml',
        offers: 'files',
      },
      { flags: '--fail-if-none', meaning: 'end with 2 where a named file or folder gives no config' },
    ],
    exitCodes: {
      0: 'Nothing was found.',
      1: 'Problems were found.',
      2: 'Something could not be read, or wrong use.',
    },
  },
  'encrypt-model': {
    meaning: 'Encrypt a model of ONNX or OpenVINO IR, as the original does, into a folder of its own.',
    argument: { name: '<folder>', meaning: 'the folder of the plain model', offers: 'files' },
    options: [
      {
        flags: '--out <folder>',
        meaning: 'the folder for the encrypted one; by default beside the plain one, ending in "-encrypted"',
        offers: 'files',
      },
      {
        flags: '--bits <n>',
        meaning: 'the length of the key; 128 is what 2.0.0 and Analytics Zoo read',
        default: '256',
        offers: ['256', '128'],
      },
      { flags: '--force', meaning: 'overwrite files that are there already' },
      json,
    ],
  },
  shutdown: {
    meaning: 'Stop all jobs and the Redis that was started for them, with its data.',
    options: [
      config,
      yes,
      {
        flags: '--keep-data',
        meaning: 'keep the data of the Redis that was started here, for the next start',
      },
      { flags: '--redis', meaning: 'shut down a Redis that was not started here, too' },
      json,
    ],
  },
  http: {
    meaning: 'Serve a job over HTTP; "cluster-serving http --help" shows its options.',
    options: [],
    readsOwnOptions: true,
    follows: true,
  },
  mcp: {
    meaning:
      'Serve agents over the Model Context Protocol, on the standard input and output; docs/agents.md has the tools.',
    options: [],
    follows: true,
  },
  completion: {
    meaning: 'Print a script that completes the commands in a shell.',
    argument: { name: '<shell>', meaning: 'bash, zsh or fish', offers: ['bash', 'zsh', 'fish'] },
    options: [],
  },
} as const satisfies Readonly<Record<string, CliCommand>>;

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
    options: [...ofQueue, count(1_000, 100), after],
  },
  pending: {
    meaning: 'Show the records in flight: taken by a worker, not yet answered.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after],
  },
  dead: {
    meaning: 'Show the dead letters with their reasons.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after],
  },
  peek: {
    meaning: 'Show records decoded: their inputs, with shapes, statistics and images.',
    argument: job,
    options: [
      ...ofQueue,
      { flags: '--id <id>', meaning: 'the record with this id', reads: 'recordId' },
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

export type CliCommandName = keyof typeof cliCommands;

/** The long name of an option, without its dashes. */
export function optionName({ flags }: CliOption): string {
  return /--([\w-]+)/.exec(flags)?.[1] ?? '';
}
