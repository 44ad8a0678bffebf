/* Bundles and runs the suite that kills, freezes and cuts: node scripts/torture.mjs --minutes 5 --seed 1 */
import { build } from 'esbuild';
import { join } from 'node:path';
import { ensureKafka } from './machine/ensureKafka.mjs';
import { ensureBuild, ensureRedis, root, run } from './machine/setup.mjs';

ensureRedis();
ensureBuild();
if (process.argv.some((word) => word === '--kafka' || word === '--full')) ensureKafka();
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
