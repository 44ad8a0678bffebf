import { Command } from 'commander';
import { cliCommands } from '../../../schemas/programs/cliCommands.ts';
import { commandGroups, type CommandGroupName } from '../../../schemas/programs/cliGroups.ts';
import { type CliCommand } from '../../../schemas/programs/cliOptions.ts';
import { describeCommand, prepare } from './describeCommand.ts';
import { groupHandlers, handlers, type Call } from './handlers.ts';

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
  for (const name of Object.keys(commandGroups) as CommandGroupName[]) {
    const { meaning, commands } = commandGroups[name];
    const group = prepare(program.command(name), meaning, options.version);
    addCommands<string>(group, commands, groupHandlers[name], options);
  }
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
    const handle = work[name];
    const command = describeCommand(parent.command(name), row, version);
    command.action(() => {
      // One that takes several has them as a list.
      const args = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
      return run(handle({ args, options: command.opts(), rest: argv.slice(3), programFolder, version }));
    });
  }
}
