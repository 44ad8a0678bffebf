import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CliCommand, CliOption } from '../../../schemas/programs/cliOptions.ts';
import { isRecordId } from '../queue/recordId.ts';

/** Gives a command what its row says of it: meaning, argument, options, exit codes. */
export function describeCommand(command: Command, row: CliCommand, version: string): Command {
  prepare(command, row.meaning, version);
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
  return command;
}

/** Its help and its words for wrong use. */
export function prepare(command: Command, meaning: string, version: string): Command {
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
  if (row.reads === 'wholeNumbers')
    option.argParser((text) => text.split(',').map((part) => readNumber(part, row.max)));
  if (row.reads === 'port') option.argParser(readPort);
  if (row.reads === 'recordId') option.argParser(readId);
  if (row.reads === 'recordIds')
    option.argParser((text, before: readonly string[] | undefined) => [...(before ?? []), readId(text)]);
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

function readPort(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}

function readId(text: string): string {
  if (!isRecordId(text)) throw new InvalidArgumentError('Give an id such as 1700000000000-0.');
  return text;
}
