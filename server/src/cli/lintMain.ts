import '../program/closedOutput.ts';
import { Command, CommanderError } from 'commander';
import { cliCommands } from '../../../schemas/programs/cliCommands.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { describeCommand } from './describeCommand.ts';
import { lint } from './lint.ts';
import { printError } from './output.ts';

declare const CLUSTER_SERVING_VERSION: string;

/** `cluster-serving lint` as a program of its own, which needs nothing but Node.js. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const command = describeCommand(
    new Command('cluster-serving-lint'),
    cliCommands.lint,
    CLUSTER_SERVING_VERSION,
  );
  command.action(async () => {
    const paths = command.processedArgs.flat().filter((arg): arg is string => typeof arg === 'string');
    exitCode = await lint(paths, command.opts(), CLUSTER_SERVING_VERSION);
  });
  try {
    await command.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof ServingError)) throw error;
    printError(error, false);
    return 2;
  }
}

void main(process.argv).then((code) => {
  process.exitCode = code;
});
