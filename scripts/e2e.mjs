/* Packages the extension, installs it into a VS Code of the tests' own, and does there what a person does. Each test goes
   on from the one before it, so the first failure is the last. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeEditorSuite, makeWebSuite } from './editorSuite.mjs';
import { ensureKafka } from './machine/ensureKafka.mjs';
import { ensureVscode } from './machine/ensureVscode.mjs';
import {
  ensureChromium,
  ensureDependencies,
  ensureRedis,
  giveUp,
  requireNode,
  root,
  run,
} from './machine/setup.mjs';

/** Makes what the tests need. @returns the environment in which they find it */
export async function prepareE2e() {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const target = `${process.platform}-${process.arch}`;
  requireNode();
  ensureRedis();
  ensureDependencies();
  const broker = ensureKafka();
  const paths = ensureVscode();
  const chromium = ensureChromium();
  if (run(process.execPath, [join(root, 'scripts', 'package.mjs'), target]) !== 0)
    giveUp('The extension could not be packaged.');
  const vsix = join(root, `${name}-${target}-${version}.vsix`);
  return {
    ...broker,
    CLUSTER_SERVING_E2E: JSON.stringify({
      ...paths,
      chromium,
      extensions: install(paths, vsix),
      unpacked: join(root, '.cache', 'vsix', target),
      editorSuite: await makeEditorSuite(),
      webSuite: await makeWebSuite(),
    }),
  };
}

/** Installs the package as a user does, once for all windows. @returns the folder of extensions */
function install({ node, server }, vsix) {
  const folder = join(root, '.cache', 'e2e-extensions');
  const extensions = join(folder, 'extensions');
  rmSync(folder, { recursive: true, force: true });
  const folders = ['--extensions-dir', extensions, '--server-data-dir', join(folder, 'data')];
  const args = [server, '--install-extension', vsix, ...folders, '--accept-server-license-terms'];
  if (run(node, args, { env: { ...process.env, NODE_OPTIONS: '', EXTENSIONS_GALLERY: '{}' } }) !== 0)
    giveUp('The extension could not be installed.');
  return extensions;
}

if (process.argv[1] === import.meta.filename) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [vitest, 'run', '--project', 'e2e', '--bail=1', ...process.argv.slice(2)];
  process.exitCode = run(process.execPath, args, { env: { ...process.env, ...(await prepareE2e()) } });
}
