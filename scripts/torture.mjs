/* Bundles and runs the suite that kills, freezes and cuts: node scripts/torture.mjs --minutes 5 --seed 1 */
import { build } from 'esbuild';
import { join } from 'node:path';
import { ensureKafka } from './machine/ensureKafka.mjs';
import { ensureBuild, ensureOpenvino, ensureRedis, root, run } from './machine/setup.mjs';

ensureRedis();
ensureBuild();
const asks = (volume) => process.argv.some((word) => word === volume || word === '--full');
if (asks('--kafka')) ensureKafka();
if (asks('--reloads')) ensureOpenvino();
// Three folders below the root, like the sources that find the root from where they are.
const outfile = join(root, '.cache', 'torture', 'main.mjs');
await build({
  entryPoints: [join(root, 'test', 'torture', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)]);
