/* Packages the extension, installs it into a VS Code of the tests' own, and does there what a person does. Each test goes
   on from the one before it, so the first failure is the last. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureVscode } from './ensureVscode.mjs';
import { ensureChromium, giveUp, root, run } from './setup.mjs';

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const target = `${process.platform}-${process.arch}`;
const paths = ensureVscode();
const chromium = ensureChromium();
if (run(process.execPath, [join(root, 'scripts', 'package.mjs'), target]) !== 0)
  giveUp('The extension could not be packaged.');
const made = { ...paths, chromium, vsix: join(root, `${name}-${target}-${version}.vsix`) };
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = run(
  process.execPath,
  [vitest, 'run', '--project', 'e2e', '--bail=1', ...process.argv.slice(2)],
  {
    env: { ...process.env, CLUSTER_SERVING_E2E: JSON.stringify(made) },
  },
);
