import '../program/closedOutput.ts';
import '../program/noInspector.ts';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { ServingError } from '../../../schemas/errors.ts';
import { printableStack } from '../../../schemas/printable.ts';
import { unexplainedReply } from '../queue/redis/redisTrouble.ts';
import { printError } from './output.ts';
import { createProgram } from './program.ts';

declare const CLUSTER_SERVING_VERSION: string;

/** Where the engine and the frontend lie, too. */
const programFolder = fileURLToPath(new URL('.', import.meta.url));

/** The command line. Exit codes: 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram({
    version: CLUSTER_SERVING_VERSION,
    programFolder,
    argv,
    run: async (work) => {
      exitCode = await work;
    },
  });
  const json = argv.includes('--json');
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ServingError) {
      printError(error, json);
      return error.code === 'wrong-use' ? 2 : 1;
    }
    const reply = unexplainedReply(error);
    if (reply) {
      printError(reply, json);
      return 1;
    }
    throw error;
  }
}

main(process.argv).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${printableStack(error)}\n`);
    process.exitCode = 1;
  },
);
