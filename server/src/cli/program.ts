import { Command, InvalidArgumentError, Option } from 'commander';
import {
  cliCommands,
  queueCommands,
  queueMeaning,
  type CliCommand,
  type CliOption,
} from '../../../schemas/cliCommands.ts';
import { handlers, queueHandlers, type Call } from './handlers.ts';
import { isRecordId } from './queue/recordId.ts';

export interface ProgramOptions {
  readonly version: string;
  readonly programFolder: string;
  /** As `process.argv`. */
  readonly argv: readonly string[];
  /** Given the work of the command that was called. */
  readonly run: (work: Promise<number>) => Promise<void>;
}

/** Makes the parser of the command line from the table of commands. */
export function createProgram(options: ProgramOptions): Command {
  const program = new Command('cluster-serving')
    .description('Serve a model through Redis from a config.yaml.')
    .version(options.version)
    .exitOverride()
    .showHelpAfterError('Run "cluster-serving --help" for the commands.')
    .configureOutput({ outputError: (text, write) => write(text) });
  addCommands(program, cliCommands, handlers, options);
  const queue = prepare(program.command('queue'), queueMeaning, options.version);
  addCommands(queue, queueCommands, queueHandlers, options);
  return program;
}

function addCommands<Name extends string>(
  parent: Command,
  rows: Readonly<Record<Name, CliCommand>>,
  work: Readonly<Record<Name, (call: Call) => Promise<number>>>,
  { version, programFolder, argv, run }: ProgramOptions,
): void {
  for (const name of Object.keys(rows) as Name[]) {
    const row = rows[name];
    const command = prepare(parent.command(name), row.meaning, version);
    if (row.argument) command.argument(row.argument.name, row.argument.meaning);
    for (const option of row.options) command.addOption(toOption(option));
    if (row.exitCodes)
      command.addHelpText(
        'after',
        `\nExit codes:\n${Object.entries(row.exitCodes)
          .map(([code, exitMeaning]) => `  ${code}  ${exitMeaning}`)
          .join('\n')}`,
      );
    if (row.readsOwnOptions)
      command.helpOption(false).allowUnknownOption().allowExcessArguments().passThroughOptions(false);
    command.action(() => {
      // One that takes several has them as a list.
      const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
      return run(work[name]({ args, options: command.opts(), rest: argv.slice(3), programFolder, version }));
    });
  }
}

function prepare(command: Command, meaning: string, version: string): Command {
  const path = [command.name()];
  for (let parent = command.parent; parent; parent = parent.parent) path.unshift(parent.name());
  return command
    .description(meaning)
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`Run "${path.join(' ')} --help" for how it is used.`);
}

function toOption(row: CliOption): Option {
  const option = new Option(row.flags, row.meaning);
  if (row.default !== undefined) option.default(row.default);
  if (row.reads === 'wholeNumber') option.argParser((text) => readNumber(text, row.max));
  if (row.reads === 'recordId') option.argParser(readId);
  if (row.reads === 'list') option.argParser((text, before: readonly string[]) => [...before, text]);
  return option;
}

function readNumber(text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Give a whole number of at least 1.');
  if (value > max) throw new InvalidArgumentError(`The most is ${max}.`);
  return value;
}

function readId(text: string): string {
  if (!isRecordId(text)) throw new InvalidArgumentError('Give an id such as 1700000000000-0.');
  return text;
}
