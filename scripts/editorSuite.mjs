import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './machine/setup.mjs';

/* The suite that runs within an editor, for both kinds of editor that it runs in. */

/** Bundles the suite and makes the workspace that it wants: the digits example with a Redis of its own.
 *  @returns where they are, and what to give to the editor's environment */
export async function makeEditorSuite() {
  const folder = join(root, '.cache', 'electron');
  const suite = join(folder, 'suite.cjs');
  const workspace = join(folder, 'workspace');
  const env = { CLUSTER_SERVING_STATE: join(folder, 'state') };
  rmSync(folder, { recursive: true, force: true });
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
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  const config = join(workspace, 'config.yaml');
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nredisUrl: localhost:${await freePort()}\n`);
  return { folder, suite, workspace, config, env };
}

/** Bundles the suite for an editor in a browser, whole: there is nothing to require but the editor. @returns the file */
export async function makeWebSuite() {
  const suite = join(root, '.cache', 'web', 'suite.js');
  await build({
    entryPoints: [join(root, 'test', 'web', 'suite.ts')],
    outfile: suite,
    bundle: true,
    platform: 'browser',
    format: 'cjs',
    external: ['vscode'],
    define: { global: 'globalThis' },
    logLevel: 'warning',
  });
  return suite;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
