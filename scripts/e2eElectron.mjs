/* The extension in VS Code for the desktop, which is downloaded: for machines that may, and that have a display. */
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { ensureBuild, root } from './setup.mjs';

ensureBuild();
const suite = join(root, '.cache', 'electron', 'suite.cjs');
await build({
  entryPoints: [join(root, 'test', 'electron', 'suite.ts')],
  outfile: suite,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // mocha finds its reporters by their files.
  external: ['vscode', 'mocha'],
  logLevel: 'warning',
});
await runTests({
  extensionDevelopmentPath: root,
  extensionTestsPath: suite,
  launchArgs: [join(root, 'examples', 'digits'), '--disable-extensions', '--disable-workspace-trust'],
});
