import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { build, context } from 'esbuild';

// Every program is one CommonJS file in dist/. Only onnxruntime-node stays outside: its binaries cannot be bundled.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const options = {
  entryPoints: {
    cli: 'server/src/cli/main.ts',
    engine: 'server/src/engine/main.ts',
    languageServer: 'server/src/lsp/main.ts',
    modelWorker: 'server/src/model/onnxWorker.ts',
    runtimeCheck: 'server/src/model/runtimeCheck.ts',
    http: 'server/src/http/main.ts',
  },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Names stay: errors are told apart by them, and to keep them while shortening costs a call for every closure made.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  external: ['onnxruntime-node'],
  define: { CLUSTER_SERVING_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
};

// The editor brings `vscode`.
const extension = {
  ...options,
  entryPoints: { extension: 'client/src/extension.ts' },
  external: ['vscode'],
  minifyIdentifiers: true,
  define: {},
};

// The frontend's pages run in browsers, from files that it serves itself.
const web = {
  ...options,
  entryPoints: {
    monitor: 'server/src/http/web/monitor.ts',
    docs: 'server/src/http/web/docs.ts',
    monitorPanel: 'client/webview/monitorPanel.ts',
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

if (process.argv.includes('--watch')) {
  console.log('build started');
  await (await context(web)).watch();
  await (await context(extension)).watch();
  const watching = await context({
    ...options,
    plugins: [{ name: 'announce', setup: (b) => b.onEnd(() => console.log('build finished')) }],
  });
  await watching.watch();
} else {
  // The job for Flink has a build of its own, which takes longer and changes less often.
  for (const name of existsSync('dist') ? readdirSync('dist') : [])
    if (name !== 'flink') rmSync(`dist/${name}`, { recursive: true, force: true });
  await Promise.all([build(options), build(extension), build(web)]);
}
