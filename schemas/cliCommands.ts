import { originalEntryClass } from './flinkJob.ts';

/** Every command of the command line, as data. From it come the parser (`server/src/cli/program.ts`), the help, the shell
 *  completions and the man pages; a command without a handler does not compile (`server/src/cli/handlers.ts`). */

export interface CliOption {
  /** As the help shows it: `-c, --config <path>`. */
  readonly flags: string;
  readonly meaning: string;
  readonly default?: string | number | readonly string[];
  /** How its value is read; a text, or true for one without a value, where this is absent. */
  readonly reads?: 'wholeNumber' | 'recordId' | 'list';
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
  meaning: 'threads of one copy of the model, in place of threadPerModel',
  reads: 'wholeNumber',
};
const backend: CliOption = {
  flags: '--backend <name>',
  meaning: 'run on this backend, whatever the config says',
  offers: ['embedded', 'flink'],
};
const onFlink: readonly CliOption[] = [
  { flags: '--start-flink', meaning: 'start the Flink in FLINK_HOME if nothing listens at flinkRestUrl' },
  {
    flags: '--jar <file>',
    meaning: 'on Flink: submit this jar, such as the one of the original, in place of the built-in one',
    offers: 'files',
  },
  { flags: '--class <name>', meaning: 'the class in that jar', default: originalEntryClass },
];
const yes: CliOption = { flags: '-y, --yes', meaning: 'do not ask' };
const job: CliArgument = { name: '[jobName]', meaning: 'the job; else that of the config', offers: 'jobs' };
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
const after: CliOption = { flags: '--after <id>', meaning: 'go on after this record', reads: 'recordId' };
const count = (most: number, usual: number): CliOption => ({
  flags: '--count <n>',
  meaning: 'how many records to show',
  reads: 'wholeNumber',
  max: most,
  default: usual,
});
const ofQueue: readonly CliOption[] = [
  config,
  { flags: '--redis <host:port>', meaning: 'the Redis, where several have a job of this name' },
  json,
];
const ids: CliArgument = {
  name: '[names...]',
  meaning: 'the job, unless it is that of the config; then ids',
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
        meaning: 'how many workers to add, even if the job runs already',
        reads: 'wholeNumber',
      },
      backend,
      ...onFlink,
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
      { flags: '--drain', meaning: 'first wait until all that waits in the queue is answered' },
      { flags: '--http <url>', meaning: 'an HTTP frontend instead, by its URL or id as "list" shows it' },
      json,
    ],
  },
  restart: {
    meaning: 'Stop the job of a config and start it again.',
    options: [config, threads, backend, ...onFlink, json],
  },
  list: { meaning: 'Show the jobs, also those that died.', options: [config, json] },
  status: {
    meaning: 'Show all that is known of one job, or of each.',
    argument: { ...job, meaning: 'the job; else each' },
    options: [config, json],
  },
  logs: {
    meaning: "Show a job's log.",
    argument: job,
    options: [
      config,
      { flags: '-f, --follow', meaning: 'go on showing what is added' },
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
    meaning: 'Check everything that a start needs, and say how to correct what is missing.',
    options: [config, json],
  },
  lint: {
    meaning: 'Check configs, as the editor does, and correct what can be corrected.',
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
      { flags: '--fix', meaning: 'make the fixes that change nothing of what is read' },
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
        meaning: 'where the text of the standard input belongs',
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
  shutdown: {
    meaning: 'Stop all jobs and the Redis that was started for them, with its data.',
    options: [
      config,
      yes,
      { flags: '--keep-data', meaning: 'keep what is in the Redis that was started here for the next start' },
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
  completion: {
    meaning: 'Print a script that completes the commands in a shell.',
    argument: { name: '<shell>', meaning: 'bash, zsh or fish', offers: ['bash', 'zsh', 'fish'] },
    options: [],
  },
} as const satisfies Readonly<Record<string, CliCommand>>;

export const queueMeaning = 'Look into the queues of jobs, and put right what went wrong there.';

export const queueCommands = {
  list: {
    meaning: 'Show the queues: which records wait, are in flight, or are dead.',
    argument: {
      name: '[jobNames...]',
      meaning: 'queues to show although nothing may serve them',
      offers: 'jobs',
    },
    options: [
      ...ofQueue,
      { flags: '--follow', meaning: 'go on printing what changes, as lines of JSON' },
      interval('how often to look with --follow'),
    ],
  },
  waiting: {
    meaning: 'Show what no worker was given yet, in the order in which it will be.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after],
  },
  pending: {
    meaning: 'Show what workers were given and have not answered.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after],
  },
  dead: {
    meaning: 'Show the records that were given up, and why.',
    argument: job,
    options: [...ofQueue, count(1_000, 100), after],
  },
  peek: {
    meaning: 'Show records decoded: their inputs, with shapes, statistics and images.',
    argument: job,
    options: [
      ...ofQueue,
      { flags: '--id <id>', meaning: 'this one, wherever it is', reads: 'recordId' },
      { flags: '--waiting', meaning: 'the first that wait (unless said otherwise)' },
      { flags: '--pending', meaning: 'the oldest records in flight' },
      { flags: '--dead', meaning: 'the newest that were given up' },
      count(20, 1),
      after,
    ],
  },
  requeue: {
    meaning: 'Put dead letters back into the queue, as they were.',
    argument: ids,
    options: [...ofQueue, { flags: '--all', meaning: 'all that are there now' }],
  },
  kill: {
    meaning: 'Move records to the dead letters; their clients get NaN.',
    argument: ids,
    options: [...ofQueue],
  },
  clear: {
    meaning: 'Remove the records that wait, or the dead letters.',
    argument: job,
    options: [
      ...ofQueue,
      { flags: '--waiting', meaning: 'what no worker was given yet; the clients get no answer' },
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

export type CliCommandName = keyof typeof cliCommands;
export type QueueCommandName = keyof typeof queueCommands;

/** The long name of an option, without its dashes. */
export function optionName({ flags }: CliOption): string {
  return /--([\w-]+)/.exec(flags)?.[1] ?? '';
}
