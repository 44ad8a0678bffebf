import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, context } from 'esbuild';
import { bundleKoffi } from './bundle/bundleKoffi.mjs';
import { bundleOnnxRuntime } from './bundle/bundleOnnxRuntime.mjs';
import { oneAjv } from './bundle/oneAjv.mjs';
import { unusedParts } from './bundle/unusedParts.mjs';
import { withoutClientFeatures } from './bundle/withoutClientFeatures.mjs';
import { writeNotices } from './generate/notices.mjs';
import { kafkaProtocol } from './bundle/kafkaProtocol.mjs';

// ONNX Runtime and koffi stay outside the bundles, beside them: their binaries cannot be bundled.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** What the protocol's library brings and the language server does not offer. */
const notOffered = {
  callHierarchy: 'CallHierarchyFeature',
  fileOperations: 'FileOperationsFeature',
  inlineCompletion: 'InlineCompletionFeature',
  inlineValue: 'InlineValueFeature',
  linkedEditingRange: 'LinkedEditingRangeFeature',
  moniker: 'MonikerFeature',
  notebook: 'NotebookSyncFeature',
  semanticTokens: 'SemanticTokensFeature',
  showDocument: 'ShowDocumentFeature',
  textDocumentContent: 'TextDocumentContentFeature',
  typeHierarchy: 'TypeHierarchyFeature',
};

/** Of the server, with the messages that only they send: a client of the protocol wants those. */
const withoutFeatures = {
  name: 'without features',
  setup({ onLoad }) {
    for (const [file, feature] of Object.entries(notOffered))
      onLoad(
        { filter: new RegExp(`vscode-languageserver[\\\\/]lib[\\\\/]common[\\\\/]${file}\\.js$`) },
        () => ({
          contents: `exports.${feature} = (Base) => Base;`,
        }),
      );
    const messages = `protocol\\.(?:${Object.keys(notOffered).join('|')})`;
    onLoad(
      { filter: new RegExp(`languageserver-protocol[\\\\/]lib[\\\\/]common[\\\\/]${messages}\\.js$`) },
      () => ({
        contents: 'module.exports = {};',
      }),
    );
  },
};

/** What the language server asks of a model's graph is a tenth of it, and is read when the first hint needs it. */
const graphLate = {
  name: 'graph late',
  setup: ({ onResolve }) =>
    onResolve({ filter: /[\\/]onnxBatches\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './onnxBatches.cjs', external: true } : undefined,
    ),
};

// The language server is one file, but for what it reads late; editors start it by itself.
const options = {
  entryPoints: { languageServer: 'server/src/lsp/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Names stay: errors are distinguished by them, and to keep them while shortening costs a call for every closure made.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  external: ['onnxruntime-node'],
  define: { CLUSTER_SERVING_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
  metafile: true,
};
const languageServer = { ...options, plugins: [withoutFeatures, graphLate] };
const onnxBatches = { ...options, entryPoints: { onnxBatches: 'server/src/language/world/onnxBatches.ts' } };

/** The SDK of the Model Context Protocol validates what users type into forms of a client with this; no tool asks for that,
 *  and it is two fifths of the SDK. */
const withoutForms = {
  name: 'without forms',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents:
        "export class AjvJsonSchemaValidator { getValidator() { throw new Error('There are no forms.'); } }",
    }));
  },
};

/** OpenTelemetry's packages as modules: of those in CommonJS nothing can be left out, and that is five times as much. */
const tracingModules = {
  name: 'tracing modules',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@opentelemetry\/[a-z-]+$/ }, ({ path }) => {
      const folder = fileURLToPath(new URL(`../node_modules/${path}/`, import.meta.url));
      const { module } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
      // A package that says more has its modules among its exports, where they are found.
      return module === undefined
        ? undefined
        : { path: fileURLToPath(new URL(module, pathToFileURL(folder))) };
    }),
};

// What the other programs share is in chunks, and what a command does not need is not read: `--version` costs a fifth
// of what the whole costs, and the package is smaller by a third.
const programs = {
  ...options,
  entryPoints: {
    cli: 'server/src/cli/main.ts',
    engine: 'server/src/engine/main.ts',
    supervisor: 'server/src/engine/supervisor.ts',
    imageWorker: 'server/src/codec/image/imageWorker.ts',
    modelWorker: 'server/src/model/modelWorker.ts',
    runtimeCheck: 'server/src/model/runtimeCheck.ts',
    reportWorker: 'server/src/model/reportWorker.ts',
    http: 'server/src/http/main.ts',
    bodyWorker: 'server/src/http/body/bodyWorker.ts',
  },
  outExtension: { '.js': '.mjs' },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [withoutForms, unusedParts, oneAjv, tracingModules, kafkaProtocol],
  // Packages that are CommonJS ask for Node's own modules in their way.
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
  },
};

// What a worker on Flink needs goes to the cluster by itself.
const flinkWorker = {
  ...programs,
  entryPoints: {
    worker: 'server/src/engine/flinkWorker.ts',
    imageWorker: 'server/src/codec/image/imageWorker.ts',
    modelWorker: 'server/src/model/modelWorker.ts',
  },
  outdir: 'dist/flinkWorker',
  sourcemap: false,
};

// What an activation does not need is in files of its own: the editor waits while an extension is loaded, and extensions
// that are CommonJS have no chunks.
const loadedLate = { languageClient: 'vscode-languageclient/node', execa: 'execa' };
const late = {
  ...options,
  entryPoints: loadedLate,
  // The editor brings `vscode`.
  external: ['vscode'],
  minifyIdentifiers: true,
  define: {},
  plugins: [withoutClientFeatures],
};
const extension = {
  ...late,
  entryPoints: { extension: 'client/src/extension.ts' },
  // Only what is required gets the editor's API: a module that is imported looks for `vscode` on the disk.
  supported: { 'dynamic-import': false },
  plugins: [
    {
      name: 'loaded late',
      setup: ({ onResolve }) => {
        for (const [file, name] of Object.entries(loadedLate))
          onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: `./${file}.cjs`, external: true }));
      },
    },
  ],
};

// The editor in a browser runs an extension and its language server as workers there, which have nothing of Node.
const inBrowser = {
  ...late,
  platform: 'browser',
  target: 'es2022',
  sourcemap: false,
  outdir: 'dist/browser',
  outExtension: {},
};
/** What finds and reads model files is an eighth of the server, and a browser has none. */
const withoutModels = {
  name: 'without models',
  setup({ onLoad }) {
    for (const name of ['onnxBatches', 'onnxSignature', 'locateModel', 'detectModel', 'runtimeProblems'])
      onLoad({ filter: new RegExp(`[\\\\/](?:world|recognise)[\\\\/]${name}\\.ts$`) }, () => ({
        contents: `export const ${name} = () => Promise.resolve(undefined);`,
      }));
  },
};
const browserExtension = { ...inBrowser, entryPoints: { extension: 'client/src/webExtension.ts' } };
const browserServer = {
  ...inBrowser,
  entryPoints: { languageServer: 'server/src/lsp/webMain.ts' },
  format: 'iife',
  plugins: [withoutModels, withoutFeatures],
};

// Pages run in browsers, from files that the frontend serves itself, and in panels of the editor: the same file in both.
const web = {
  ...options,
  entryPoints: {
    monitor: 'web/pages/monitor.ts',
    docs: 'web/pages/docs.ts',
    try: 'web/pages/try.ts',
    records: 'web/pages/records.ts',
    model: 'web/pages/model.ts',
  },
  outdir: 'dist/web',
  outExtension: {},
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  // Pages have one file each; what they look like is in it.
  loader: { '.css': 'text' },
  minifyIdentifiers: true,
  sourcemap: false,
};

/** The folders of bundles that run models. */
const withPython = ['dist', flinkWorker.outdir];

/** What runs models in a Python of the user's is no bundle. */
function copyPython(dist) {
  const from = 'server/src/model/python';
  mkdirSync(`${dist}/python`, { recursive: true });
  for (const name of readdirSync(from).filter((each) => each.endsWith('.py')))
    copyFileSync(`${from}/${name}`, `${dist}/python/${name}`);
}

if (process.argv.includes('--watch')) {
  console.log('build started');
  for (const folder of withPython) copyPython(folder);
  for (const one of [web, browserExtension, browserServer]) await (await context(one)).watch();
  await (await context(extension)).watch();
  await (await context(late)).watch();
  for (const one of [languageServer, onnxBatches]) await (await context(one)).watch();
  await (await context(flinkWorker)).watch();
  const watching = await context({
    ...programs,
    plugins: [
      ...programs.plugins,
      { name: 'announce', setup: (b) => b.onEnd(() => console.log('build finished')) },
    ],
  });
  await watching.watch();
} else if (process.argv.includes('--browser')) {
  await Promise.all([build(browserExtension), build(browserServer)]);
} else {
  // The job for Flink has a build of its own, which takes longer and changes less often.
  for (const name of existsSync('dist') ? readdirSync('dist') : [])
    if (name !== 'flink') rmSync(`dist/${name}`, { recursive: true, force: true });
  const built = await Promise.all([
    ...[
      languageServer,
      onnxBatches,
      programs,
      flinkWorker,
      extension,
      late,
      web,
      browserExtension,
      browserServer,
    ].map((one) => build(one)),
    bundleOnnxRuntime('dist'),
    bundleKoffi('dist'),
  ]);
  for (const folder of withPython) copyPython(folder);
  writeNotices(
    'dist/THIRD_PARTY_NOTICES.txt',
    built.map(({ metafile }) => metafile),
    fileURLToPath(new URL('..', import.meta.url)),
  );
}
