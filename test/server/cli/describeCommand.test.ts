import { Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import type { CliOption } from '../../../schemas/programs/cliOptions.ts';
import { describeCommand } from '../../../server/src/cli/describeCommand.ts';

/** What a command with one option gets from the words of a user, or why it refuses them. */
function read(option: Omit<CliOption, 'meaning'>, ...words: readonly string[]): unknown {
  const command = new Command('try').configureOutput({
    writeErr: () => undefined,
    writeOut: () => undefined,
  });
  describeCommand(command, { meaning: 'tries', options: [{ ...option, meaning: 'an option' }] }, '1.0.0');
  let options: unknown;
  command.action((given: unknown) => {
    options = given;
  });
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.code;
    throw error;
  }
  return Object.values(options as object)[0];
}
const refused = 'commander.invalidArgument';

describe('an option', () => {
  test.each<[string, unknown]>([
    ['1', 1],
    ['32', 32],
    ['100', 100],
    ['101', refused],
    ['0', refused],
    ['-1', refused],
    ['1.5', refused],
    ['', refused],
    [' ', refused],
    ['ten', refused],
    ['NaN', refused],
    ['Infinity', refused],
    ['9007199254740993', refused],
  ])('of a whole number up to 100 reads %j', (text, value) => {
    expect(read({ flags: '-n, --number <n>', reads: 'wholeNumber', max: 100 }, `--number=${text}`)).toBe(
      value,
    );
  });

  test('of a whole number without a limit takes what a number holds exactly, and no more', () => {
    const option: Omit<CliOption, 'meaning'> = { flags: '--number <n>', reads: 'wholeNumber' };
    expect(read(option, '--number', '9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(read(option, '--number', '9007199254740993')).toBe(refused);
  });

  test.each<[string, unknown]>([
    ['1', [1]],
    ['1,2,50', [1, 2, 50]],
    ['1,,2', refused],
    ['1,2,', refused],
    ['1,x', refused],
    ['', refused],
    ['1,101', refused],
  ])('of whole numbers reads %j', (text, value) => {
    expect(read({ flags: '--numbers <list>', reads: 'wholeNumbers', max: 100 }, `--numbers=${text}`)).toEqual(
      value,
    );
  });

  test.each<[string, unknown]>([
    ['0', 0],
    ['10020', 10_020],
    ['65535', 65_535],
    ['65536', refused],
    ['-1', refused],
    ['80.5', refused],
    ['', refused],
    [' ', refused],
    ['http', refused],
  ])('of a port reads %j', (text, value) => {
    expect(read({ flags: '--port <n>', reads: 'port' }, `--port=${text}`)).toBe(value);
  });

  test.each<[string, unknown]>([
    ['1700000000000-0', '1700000000000-0'],
    ['1700000000000', refused],
    ['-', refused],
    ['$', refused],
    ['', refused],
  ])('of an id of a record reads %j', (text, value) => {
    expect(read({ flags: '--id <id>', reads: 'recordId' }, `--id=${text}`)).toBe(value);
  });

  test('of several values keeps each of them, in their order', () => {
    expect(read({ flags: '--id <id>', reads: 'recordIds' }, '--id', '1-0', '--id', '2-0')).toEqual([
      '1-0',
      '2-0',
    ]);
    expect(read({ flags: '--id <id>', reads: 'recordIds' }, '--id', '1-0', '--id', 'x')).toBe(refused);
    expect(
      read({ flags: '--key <key>', reads: 'list', default: [] }, '--key', '__proto__', '--key', ''),
    ).toEqual(['__proto__', '']);
    expect(read({ flags: '--key <key>', reads: 'list', default: [] })).toEqual([]);
  });

  test('without a value is true, with a text is that text, and has its default otherwise', () => {
    expect(read({ flags: '--json' }, '--json')).toBe(true);
    expect(read({ flags: '--json' })).toBeUndefined();
    expect(read({ flags: '-c, --config <path>', default: 'config.yaml' })).toBe('config.yaml');
    expect(read({ flags: '-c, --config <path>', default: 'config.yaml' }, '-c', '-')).toBe('-');
    expect(read({ flags: '-c, --config <path>' }, '-c')).toBe('commander.optionMissingArgument');
  });
});

describe('a command', () => {
  test('refuses what it does not know, and suggests what was meant', () => {
    expect(read({ flags: '--json' }, '--jsno')).toBe('commander.unknownOption');
    expect(read({ flags: '--json' }, 'word')).toBe('commander.excessArguments');
  });

  test('that reads its own options gets them all, known or not', () => {
    const command = new Command('http');
    describeCommand(command, { meaning: 'm', options: [], readsOwnOptions: true }, '1.0.0');
    const seen: string[] = [];
    command.argument('[words...]').action(() => void seen.push(...command.args));
    command.parse(['--any=1', 'word', '--help'], { from: 'user' });
    expect(seen).toEqual(['--any=1', 'word', '--help']);
  });

  test('says in its help what its exit codes mean', () => {
    const command = new Command('lint');
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    const exitCodes = { 0: 'no findings', 1: 'findings', 2: 'wrong use' };
    describeCommand(
      command,
      {
        meaning: 'checks configs',
        argument: { name: '[files...]', meaning: 'the files' },
        options: [],
        exitCodes,
      },
      '1.0.0',
    );
    expect(() => command.parse(['--help'], { from: 'user' })).toThrow(CommanderError);
    for (const text of ['checks configs', '[files...]', ...Object.values(exitCodes)])
      expect(help).toContain(text);
  });
});
