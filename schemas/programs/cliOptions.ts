import { originalEntryClass } from '../flinkJob.ts';
import { logFormats } from '../logs.ts';
import { httpDefaults } from './httpDefaults.ts';

/** What the commands of the command line are made of, and the options and arguments that several of them share. */

export interface CliOption {
  /** As the help shows it: `-c, --config <path>`. */
  readonly flags: string;
  readonly meaning: string;
  readonly default?: string | number | readonly string[] | readonly number[];
  /** How its value is read; a text, or true for one without a value, where this is absent. */
  readonly reads?: 'wholeNumber' | 'wholeNumbers' | 'port' | 'recordId' | 'recordIds' | 'list';
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

export const config: CliOption = {
  flags: '-c, --config <path>',
  meaning: 'the config file',
  default: 'config.yaml',
  offers: 'files',
};
export const json: CliOption = { flags: '--json', meaning: 'print JSON for programs' };
export const threads: CliOption = {
  flags: '-o, --threads <n>',
  meaning: 'threads for each copy of the model; overrides threadPerModel',
  reads: 'wholeNumber',
};
export const backend: CliOption = {
  flags: '--backend <name>',
  meaning: 'the backend to run on; overrides the config',
  offers: ['embedded', 'flink'],
};
export const logFormat: CliOption = {
  flags: '--log-format <name>',
  meaning: 'how the workers log: text, or json with one object a line; overrides logFormat',
  offers: logFormats,
};
export const onFlink: readonly CliOption[] = [
  { flags: '--start-flink', meaning: 'start the Flink in FLINK_HOME if nothing listens at flinkRestUrl' },
  {
    flags: '--jar <file>',
    meaning: 'on Flink: submit this jar instead of the built-in one, such as the jar of the original',
    offers: 'files',
  },
  { flags: '--class <name>', meaning: 'the class in that jar', default: originalEntryClass },
];
export const overHttp: readonly CliOption[] = [
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
export const noWait: CliOption = {
  flags: '--no-wait',
  meaning: 'do not wait for the secret of an encrypted model; end with the code model-secret-missing',
};
export const yes: CliOption = { flags: '-y, --yes', meaning: 'do not ask' };
export const job: CliArgument = {
  name: '[jobName]',
  meaning: 'the job; by default that of the config',
  offers: 'jobs',
};
export const interval = (meaning: string): CliOption => ({
  flags: '--interval <ms>',
  meaning,
  reads: 'wholeNumber',
  default: 2_000,
});
export const timeout: CliOption = {
  flags: '--timeout <seconds>',
  meaning: 'how long to wait for the results',
  reads: 'wholeNumber',
  default: 30,
};
export const after: CliOption = {
  flags: '--after <id>',
  meaning: 'start after this record',
  reads: 'recordId',
};
export const count = (most: number, usual: number): CliOption => ({
  flags: '--count <n>',
  meaning: 'how many records to show',
  reads: 'wholeNumber',
  max: most,
  default: usual,
});

/** The long name of an option, without its dashes. */
export function optionName({ flags }: CliOption): string {
  return /--([\w-]+)/.exec(flags)?.[1] ?? '';
}

/** How many records a search by uri looks at in one call; the next call goes on from there. */
export const searchedAtMost = 20_000;
export const ofUri: CliOption = {
  flags: '--uri <text>',
  meaning: `only records whose uri or id contains this; ${searchedAtMost} records at most are looked at`,
};
