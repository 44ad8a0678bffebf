import '../program/closedOutput.ts';
import '../program/noInspector.ts';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { originalEntryClass } from '../../../schemas/flinkJob.ts';
import { printError } from './output.ts';
import { addQueueCommands } from './queue/commands.ts';

declare const CLUSTER_SERVING_VERSION: string;

/** Where the engine and the frontend lie, too. */
const programFolder = fileURLToPath(new URL('.', import.meta.url));

/** The command line. Each sub-command is a file of its own, loaded when it is called: `--version` must cost nothing.
 *  Exit codes: 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('cluster-serving')
    .description('Serve a model through Redis from a config.yaml.')
    .version(CLUSTER_SERVING_VERSION)
    .exitOverride()
    .showHelpAfterError('Run "cluster-serving --help" for the commands.')
    .configureOutput({ outputError: (text, write) => write(text) });
  let exitCode = 0;
  const run = (action: () => Promise<number>) => async () => {
    exitCode = await action();
  };
  const sub = (name: string, description: string) =>
    program.command(name).description(description).exitOverride().showSuggestionAfterError();

  const init = sub('init', 'Write a commented config.yaml into the current folder.').option(
    '--force',
    'overwrite an existing one',
  );
  init.action(() => run(async () => (await import('./init.ts')).init(init.opts()))());

  const start = sub('start', 'Start the serving that a config.yaml describes, and wait until it answers.')
    .addOption(configOption())
    .option(
      '-o, --threads <n>',
      'threads of one copy of the model (overrides threadPerModel)',
      positiveInteger,
    )
    .option('--workers <n>', 'add so many workers, even if the job runs already', positiveInteger)
    .option('--backend <name>', 'run on this backend (embedded, flink), whatever the config says')
    .option('--start-flink', 'start the Flink in FLINK_HOME if nothing listens at flinkRestUrl')
    .option('--jar <file>', 'on Flink: submit this jar, such as the one of the original, in place of ours')
    .option('--class <name>', 'the class in that jar', originalEntryClass)
    .option('--foreground', 'stay in the foreground, for containers and systemd')
    .addOption(jsonOption());
  start.action(() => run(async () => (await import('./start.ts')).start(start.opts(), programFolder))());

  const stop = sub('stop', 'Stop a job: it finishes what it has in hand.')
    .argument('[jobName]', 'the job; else that of the config')
    .addOption(configOption())
    .option('--all', 'every job that is known here')
    .option('--drain', 'first wait until all that waits in the queue is answered')
    .option('--http <url>', 'an HTTP frontend instead, by its URL or id as "list" tells it')
    .addOption(jsonOption());
  stop.action((name?: string) => run(async () => (await import('./stop.ts')).stop(name, stop.opts()))());

  const restart = sub('restart', 'Stop the job of a config and start it again.')
    .addOption(configOption())
    .option('-o, --threads <n>', 'threads of one copy of the model', positiveInteger)
    .option('--backend <name>', 'run on this backend (embedded, flink), whatever the config says')
    .option('--start-flink', 'start the Flink in FLINK_HOME if nothing listens at flinkRestUrl')
    .option('--jar <file>', 'on Flink: submit this jar in place of ours')
    .option('--class <name>', 'the class in that jar', originalEntryClass)
    .addOption(jsonOption());
  restart.action(() =>
    run(async () => (await import('./restart.ts')).restart(restart.opts(), programFolder))(),
  );

  const list = sub('list', 'Show the jobs, also those that died.')
    .addOption(configOption())
    .addOption(jsonOption());
  list.action(() => run(async () => (await import('./list.ts')).list(list.opts()))());

  const status = sub('status', 'Show all that is known of one job, or of each.')
    .argument('[jobName]')
    .addOption(configOption())
    .addOption(jsonOption());
  status.action((name?: string) =>
    run(async () => (await import('./status.ts')).status(name, status.opts()))(),
  );

  const logs = sub('logs', "Show a job's log.")
    .argument('[jobName]', 'the job; else that of the config')
    .addOption(configOption())
    .option('-f, --follow', 'go on showing what is added')
    .option('-n, --lines <n>', 'so many of the last lines', positiveInteger, 500);
  logs.action((name?: string) => run(async () => (await import('./logs.ts')).logs(name, logs.opts()))());

  const predict = sub(
    'predict',
    'Send pictures, JSON instances or .npy files through the queue and print the results.',
  )
    .argument('<files...>', 'pictures (png, jpeg), .json, .npy; "-" reads JSON from the standard input')
    .addOption(configOption())
    .option('--input <name>', 'the name of the input that a picture or .npy goes to')
    .option('--timeout <seconds>', 'wait so long for the results', positiveInteger, 30)
    .addOption(jsonOption());
  predict.action((files: string[]) =>
    run(async () => (await import('./predict.ts')).predict(files, predict.opts()))(),
  );

  const watch = sub('watch', 'Print a line of JSON for each change of a job or its queue.')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--interval <ms>', 'how often to look', positiveInteger, 2000);
  watch.action(() => run(async () => (await import('./watch.ts')).watch(watch.opts()))());

  addQueueCommands(sub('queue', 'Look into the queues of jobs, and mend what went wrong there.'), {
    configOption,
    jsonOption,
    positiveInteger,
    run,
  });

  const doctor = sub('doctor', 'Check everything that a start needs, and say how to mend what is missing.')
    .addOption(configOption())
    .addOption(jsonOption());
  doctor.action(() => run(async () => (await import('./doctor.ts')).doctor(doctor.opts(), programFolder))());

  const lint = sub('lint', 'Check configs, as the editor does, and mend what can be mended.')
    .argument('[paths...]', 'files, or folders to look into; "-" reads the standard input')
    .option('--format <name>', 'text, json, sarif or github', 'text')
    .option('--fix', 'make the fixes that change nothing of what is read')
    .option('--quiet', 'only errors and warnings')
    .option('--force', 'check the named files even if they do not look like ours')
    .option('--severity <code=level>', 'error, warning, information, hint or off', collect, [])
    .option('--stdin-filename <path>', 'where the text of the standard input belongs', 'config.yaml');
  lint.action((paths: string[]) =>
    run(async () => (await import('./lint.ts')).lint(paths, lint.opts(), CLUSTER_SERVING_VERSION))(),
  );

  const shutdown = sub('shutdown', 'Stop all jobs and the Redis that was started for them, with its data.')
    .addOption(configOption())
    .option('-y, --yes', 'do not ask')
    .option('--keep-data', 'keep what is in our Redis for the next start')
    .option('--redis', 'shut down a Redis that was not started here, too')
    .addOption(jsonOption());
  shutdown.action(() => run(async () => (await import('./shutdown.ts')).shutdownCommand(shutdown.opts()))());

  sub('http', 'Serve a job over HTTP; "cluster-serving http --help" shows its options.')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => run(async () => (await import('./http.ts')).http(argv.slice(3), programFolder))());

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
    // An error that Redis answered is of the world and not of ours, wherever it came up.
    if (error instanceof Error && error.name === 'ReplyError') {
      printError(new ServingError('redis-failed', `Redis answered with an error: ${error.message}`), json);
      return 1;
    }
    throw error;
  }
}

/** Where a command looks for the config, as the original's `-c`. */
function configOption(): Option {
  return new Option('-c, --config <path>', 'the config file').default('config.yaml');
}

function jsonOption(): Option {
  return new Option('--json', 'print JSON for programs');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It takes a whole number of at least 1.');
  return value;
}

main(process.argv).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
