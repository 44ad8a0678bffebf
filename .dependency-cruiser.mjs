// The walls of the house (ARCHITECTURE.md): what each room may import. Everything else is an error.
const own = '^(schemas|server|client|web)/';

/** What of the room queue other rooms may import: the interfaces, what opens what is behind them, types and plain functions.
 *  What makes a connection is not among it, so that functions which take one can be called only from within. */
const storeFiles = `^server/src/queue/(${[
  'store|storeAddress|openStore|createQueue|recordQueue|redisQueue|payload|recordId|secrets|steadyClock',
  'readQueue|recordClient|resultWaiter|submitter|scripts/(scripts|luaConstants)',
  'kafka/kafkaAddress',
  'pipe/(pipeQueue|task)',
  'redis/(redisAddress|redisClock|redisTrouble|replyParser|rights|serverFacts|trustStore|withDeadline)',
  'registry/(jobReports|registryEntries|reloadWorkers|startLock|workerRegistry)',
].join('|')})\\.ts$`;

/** A room may import itself, the rooms named, and the packages named; node's built-ins only if `node` is true. */
function room(name, folder, rooms, packages, node) {
  // A room, or single files of one.
  const may = [folder, ...rooms].map((r) => (r.endsWith('.ts') ? `^${r}$` : `^${r}/`));
  const rules = [
    {
      name: `${name} imports only its own rooms`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: own, pathNot: may },
    },
    {
      name: `${name} imports only its own packages`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: {
        path: 'node_modules/',
        pathNot: packages.map((p) => `node_modules/(@types/)?${p}/`).concat('node_modules/@types/node/'),
      },
    },
  ];
  if (!node)
    rules.push({
      name: `${name} touches no Node built-in`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { dependencyTypes: ['core'] },
    });
  return rules;
}

export default {
  forbidden: [
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    // The editor itself is the module `vscode`; there is no package of it.
    {
      name: 'everything resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
    {
      name: 'only the client imports vscode',
      severity: 'error',
      from: { pathNot: '^client/src/' },
      to: { path: '^vscode$' },
    },
    {
      name: 'only the queue imports ioredis',
      severity: 'error',
      from: { path: '^(server|client|schemas)/', pathNot: '^server/src/queue/' },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'only the queue imports the client of Kafka',
      severity: 'error',
      from: { path: '^(server|client|schemas)/', pathNot: '^server/src/queue/' },
      to: { path: 'node_modules/@platformatic/kafka/' },
    },
    {
      name: 'rooms reach Redis through the store',
      severity: 'error',
      from: { path: '^(server|client)/src/', pathNot: '^server/src/queue/' },
      to: { path: '^server/src/queue/', pathNot: storeFiles },
    },
    ...room('schemas', 'schemas', [], [], false),
    ...room('config', 'server/src/config', ['schemas'], ['yaml'], false),
    ...room('tensor', 'server/src/tensor', ['schemas'], [], false),
    ...room('codec', 'server/src/codec', ['schemas', 'server/src/tensor'], ['lossless-json'], true),
    ...room('encryption', 'server/src/encryption', ['schemas'], [], true),
    ...room(
      'model',
      'server/src/model',
      ['schemas', 'server/src/tensor', 'server/src/encryption'],
      ['onnxruntime-node', 'onnxruntime-common', 'koffi', '@bufbuild/protobuf'],
      true,
    ),
    ...room('queue', 'server/src/queue', ['schemas'], ['ioredis', 'node-forge', '@platformatic/kafka'], true),
    ...room('program', 'server/src/program', [], [], true),
    ...room(
      'ask',
      'server/src/ask',
      ['schemas', 'server/src/tensor', 'server/src/codec', 'server/src/encryption', 'server/src/queue'],
      [],
      true,
    ),
    ...room(
      'inspect',
      'server/src/inspect',
      ['schemas', 'server/src/tensor', 'server/src/codec', 'server/src/queue'],
      [],
      true,
    ),
    ...room(
      'engine',
      'server/src/engine',
      [
        'schemas',
        'server/src/config',
        'server/src/tensor',
        'server/src/codec',
        'server/src/encryption',
        'server/src/model',
        'server/src/queue',
        'server/src/program',
        'server/src/jobs/machine/stateFolderPath.ts',
        'server/src/workspace/loadConfig.ts',
        'server/src/http/withinWorker.ts',
      ],
      [],
      true,
    ),
    ...room(
      'jobs',
      'server/src/jobs',
      [
        'schemas',
        'server/src/config',
        'server/src/encryption',
        'server/src/queue',
        'server/src/model/recognise',
        'server/src/model/resolveModel.ts',
        'server/src/model/runtimes/findRuntime.ts',
        'server/src/model/python/packages.ts',
        'server/src/model/python/processFile.ts',
        'server/src/model/python/missingText.ts',
        'server/src/model/caffe',
        'server/src/model/labels.ts',
        'server/src/model/graph',
        'server/src/workspace/loadConfig.ts',
      ],
      ['execa', 'yauzl', 'yazl'],
      true,
    ),
    ...room(
      'language',
      'server/src/language',
      [
        'schemas',
        'server/src/config',
        'server/src/model/recognise',
        'server/src/model/runtimes/chooseRuntime.ts',
        'server/src/model/runtimes/configuredPlace.ts',
        'server/src/model/python/missingText.ts',
        'server/src/model/graph',
      ],
      [],
      false,
    ),
    ...room('model/graph', 'server/src/model/graph', ['schemas'], [], false),
    ...room(
      'workspace',
      'server/src/workspace',
      [
        'schemas',
        'server/src/config',
        'server/src/language',
        'server/src/lint/report.ts',
        'server/src/model/recognise',
        'server/src/model/runtimes/findRuntime.ts',
        'server/src/model/python/findPython.ts',
        'server/src/jobs/machine/stateFolderPath.ts',
      ],
      [],
      true,
    ),
    ...room(
      'live',
      'server/src/live',
      [
        'schemas',
        'server/src/language/live.ts',
        'server/src/queue/registry/registryEntries.ts',
        'server/src/queue/redis/replyParser.ts',
      ],
      [],
      true,
    ),
    ...room('lint', 'server/src/lint', ['schemas', 'server/src/config'], [], false),
    ...room(
      'lsp',
      'server/src/lsp',
      [
        'schemas',
        'server/src/config',
        'server/src/language',
        'server/src/workspace',
        'server/src/program',
        'server/src/live/live.ts',
      ],
      [
        'vscode-languageserver',
        'vscode-languageserver-protocol',
        'vscode-languageserver-types',
        'vscode-languageserver-textdocument',
        'vscode-jsonrpc',
      ],
      true,
    ),
    {
      name: 'lsp touches Node only where a machine is',
      severity: 'error',
      from: { path: '^server/src/lsp/', pathNot: '^server/src/lsp/(main|host/(nodeHost|watchPlaces))\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'lsp reaches the disk and services only by its host',
      severity: 'error',
      from: { path: '^server/src/lsp/', pathNot: '^server/src/lsp/(main|host/nodeHost)\\.ts$' },
      to: { path: '^server/src/(workspace|live|program)/' },
    },
    ...room(
      'http',
      'server/src/http',
      [
        'schemas',
        'server/src/config',
        'server/src/tensor',
        'server/src/codec',
        'server/src/ask',
        'server/src/queue',
        'server/src/program',
        'server/src/jobs/machine/stateFolderPath.ts',
        'server/src/workspace/loadConfig.ts',
      ],
      ['fastify', 'pino', 'yaml'],
      true,
    ),
    ...room(
      'mcp',
      'server/src/mcp',
      [
        'schemas',
        'server/src/config',
        'server/src/jobs',
        'server/src/queue',
        'server/src/ask',
        'server/src/inspect',
        'server/src/language/recognise',
        'server/src/lint/report.ts',
        'server/src/workspace',
      ],
      ['@modelcontextprotocol/sdk', 'zod'],
      true,
    ),
    ...room(
      'cli',
      'server/src/cli',
      [
        'schemas',
        'server/src/config',
        'server/src/jobs',
        'server/src/queue',
        'server/src/tensor',
        'server/src/codec',
        'server/src/ask',
        'server/src/inspect',
        'server/src/language',
        'server/src/lint',
        'server/src/mcp/serve.ts',
        'server/src/program',
        'server/src/workspace',
      ],
      ['commander'],
      true,
    ),
    ...room('client', 'client/src', ['schemas'], ['vscode', 'vscode-languageclient', 'execa'], true),
    // What a model gets of an image, a page shows by the rule of the workers.
    ...room(
      'web',
      'web',
      ['schemas', 'server/src/codec/image/layout.ts', 'server/src/codec/image/resize.ts'],
      ['uplot'],
      false,
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },

    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'require', 'types', 'default'],
    },
  },
};
