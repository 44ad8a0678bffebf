/* Bundles and runs one benchmark: node scripts/bench.mjs engine [names of rows] */
import { build } from 'esbuild';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepareE2e } from './e2e.mjs';
import { ensureBenchPeers, ensureHttpPeers } from './machine/ensureBenches.mjs';
import { prepareFlink } from './machine/ensureFlink.mjs';
import { ensureKafka } from './machine/ensureKafka.mjs';
import { ensureBuild, ensureFrameworks, ensureRedis, root, run } from './machine/setup.mjs';

const [name, ...args] = process.argv.slice(2);
// The extension is measured in a VS Code, and brings its own build.
const editor = name === 'extension' ? await prepareE2e() : {};
if (name !== 'extension') ensureBuild();
ensureRedis();
if (name === 'flink') prepareFlink();
if (name === 'kafka') ensureKafka();
if (name === 'http') ensureHttpPeers();
if (name === 'python') ensureFrameworks();
else if (name !== 'extension') ensureBenchPeers();
const outfile = join(root, '.cache', 'bench', `${name}.cjs`);
await build({
  entryPoints: [join(root, 'bench', `${name}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: [
    '@platformatic/kafka',
    'onnxruntime-node',
    'koffi',
    'esbuild',
    'playwright-core',
    '@vscode/vsce',
    'axe-core',
  ],
  // What lies beside the bundles is found from there.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'dist', 'cli.mjs')).href) },
  logLevel: 'warning',
});
process.exitCode = run(process.execPath, [outfile, ...args], { env: { ...process.env, ...editor } });
