import { imageEndings } from '../imageFormats.ts';
import { mcpTools } from './mcpTools.ts';
import {
  backend,
  config,
  interval,
  job,
  json,
  logFormat,
  noWait,
  onFlink,
  overHttp,
  threads,
  timeout,
  yes,
  type CliCommand,
} from './cliOptions.ts';

/** Every command of the command line, as data. From it come the parser (`server/src/cli/program.ts`), the help, the shell
 *  completions and the man pages; a command without a handler does not compile (`server/src/cli/handlers.ts`). */

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
      logFormat,
      {
        flags: '--foreground',
        meaning: 'stay in the foreground and print the logs, for containers and systemd',
      },
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
    options: [config, threads, backend, ...overHttp, ...onFlink, noWait, logFormat, json],
  },
  reload: {
    meaning: 'Let a running job serve what its config and its model folder hold now, without a gap.',
    argument: job,
    options: [config, json],
    exitCodes: {
      0: 'It is served.',
      1: 'It was refused, and what was served before goes on.',
      2: 'Wrong use.',
    },
  },
  rollback: {
    meaning: 'Let a running job go one step back: to what it served before, or to the version before.',
    argument: job,
    options: [config, json],
    exitCodes: {
      0: 'It is served.',
      1: 'It was refused, and what is served goes on.',
      2: 'Wrong use.',
    },
  },
  rollout: {
    meaning: 'Let a second version of the model answer a share of the records, or show the figures of both.',
    argument: job,
    options: [
      config,
      { flags: '--to <version>', meaning: 'the version that gets the share', reads: 'wholeNumber' },
      { flags: '--share <percent>', meaning: 'how much of the records it gets, by their uri, such as 10%' },
      { flags: '--shadow', meaning: 'only compare its answers to the share with those that clients get' },
      { flags: '--promote', meaning: 'end the rollout: the second version answers all records' },
      { flags: '--abort', meaning: 'end the rollout: the first version answers all records' },
      json,
    ],
    exitCodes: {
      0: 'It is done, or shown.',
      1: 'A worker has refused it, and serves what it served before.',
      2: 'Wrong use.',
    },
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
      { flags: '--json', meaning: 'print each line as an object, whichever format the log has' },
    ],
  },
  predict: {
    meaning: 'Send images, JSON instances or .npy files through the queue and print the results.',
    argument: {
      name: '<files...>',
      meaning: `images (${imageEndings.join(', ')}), .json, .npy; "-" reads JSON from the standard input`,
      offers: 'files',
    },
    options: [
      config,
      { flags: '--input <name>', meaning: 'the name of the input that an image or .npy goes to' },
      timeout,
      json,
    ],
  },
  bench: {
    meaning: 'Put a running job under load: how much it takes, how quick it is, and where the time goes.',
    argument: job,
    options: [
      config,
      { flags: '--redis <host:port>', meaning: 'the Redis to use, if several have a job of this name' },
      {
        flags: '--http <url>',
        meaning: 'ask a frontend, or a worker that answers HTTP, there; else through the queue',
      },
      {
        flags: '--concurrency <list>',
        meaning: 'requests that are always under way, a step for each number: 1,4,16,64 if no rate is given',
        reads: 'wholeNumbers',
        max: 10_000,
      },
      {
        flags: '--rate <list>',
        meaning: 'requests each second, whatever becomes of them, a step for each number',
        reads: 'wholeNumbers',
        max: 1_000_000,
      },
      {
        flags: '--duration <seconds>',
        meaning: 'how long a step is measured',
        reads: 'wholeNumber',
        default: 10,
      },
      {
        flags: '--warm-up <seconds>',
        meaning: 'how long before that the same load is on without being measured',
        reads: 'wholeNumber',
        default: 2,
      },
      {
        flags: '--file <path>',
        meaning:
          "what to send: an image, .json or .npy; else a record made from the model's inputs; may be repeated",
        reads: 'list',
        default: [],
        offers: 'files',
      },
      { flags: '--input <name>', meaning: 'the name of the input that an image or .npy goes to' },
      timeout,
      {
        flags: '--compare <file>',
        meaning: 'what --json printed before: show the differences, and which of them are more than noise',
        offers: 'files',
      },
      json,
    ],
    exitCodes: {
      0: 'All requests were answered, and nothing is worse than before.',
      1: 'Some were not, or something is worse.',
      2: 'Wrong use.',
    },
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
  convert: {
    meaning: 'Convert a model to ONNX in your Python, and compare both on random inputs.',
    argument: { name: '<model>', meaning: 'the file of the model, or its folder', offers: 'files' },
    options: [
      {
        flags: '--out <file>',
        meaning: 'the ONNX file; by default in a folder beside that of the model, ending in "-onnx"',
        offers: 'files',
      },
      {
        flags: '--python <program>',
        meaning: 'the Python with the packages; by default that of CLUSTER_SERVING_PYTHON, else python3',
      },
      {
        flags: '--input <name=shape>',
        meaning:
          'an input of a PyTorch model with its shape: image=?,3,224,224, where ? is the batch; may be repeated',
        reads: 'list',
        default: [],
      },
      { flags: '--allow-pickle', meaning: 'load a pickle, which runs the code in it' },
      { flags: '--force', meaning: 'overwrite the ONNX file' },
      json,
    ],
  },
  model: {
    meaning:
      'Show what a model takes, gives and consists of, what runs it here, and whether records may share its runs.',
    argument: { name: '<path>', meaning: 'the file of the model, or its folder', offers: 'files' },
    options: [
      {
        flags: '-c, --config <path>',
        meaning: 'the config whose keys for runtimes and batches hold; by default none',
        offers: 'files',
      },
      json,
    ],
    exitCodes: { 0: 'It was loaded.', 1: 'It was not; the reason is printed.', 2: 'Wrong use.' },
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
    options: [
      {
        flags: '--call <tool>',
        meaning:
          'only call this tool, with the arguments that the standard input has as a JSON object, and print its result as one line of JSON',
        offers: Object.keys(mcpTools),
      },
    ],
    follows: true,
  },
  completion: {
    meaning: 'Print a script that completes the commands in a shell.',
    argument: { name: '<shell>', meaning: 'bash, zsh or fish', offers: ['bash', 'zsh', 'fish'] },
    options: [],
  },
} as const satisfies Readonly<Record<string, CliCommand>>;

export type CliCommandName = keyof typeof cliCommands;
