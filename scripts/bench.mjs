/* Bundles and runs one benchmark: node scripts/bench.mjs engine [names of rows] */
import { build } from 'esbuild';
import { join } from 'node:path';
import { prepareFlink } from './ensureFlink.mjs';
import { ensureBenchPeers, ensureBuild, root, run } from './setup.mjs';

const [name, ...args] = process.argv.slice(2);
ensureBuild();
if (name === 'flink') prepareFlink();
else ensureBenchPeers();
const outfile = join(root, '.cache', 'bench', `${name}.cjs`);
await build({
  entryPoints: [join(root, 'bench', `${name}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['onnxruntime-node', 'esbuild'],
  logLevel: 'warning',
});
process.exitCode = run(process.execPath, [outfile, ...args]);
