/* The extension in VS Code for the desktop, which is downloaded: for machines that may, and that have a display. */
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { makeEditorSuite } from './editorSuite.mjs';
import { ensureBuild, ensureRedis, root, run } from './machine/setup.mjs';

ensureRedis();
ensureBuild();
const { suite, workspace, config, env } = await makeEditorSuite();
try {
  await runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    extensionTestsEnv: env,
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
  });
} finally {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  run(process.execPath, [program, 'shutdown', '--yes', '-c', config], { env: { ...process.env, ...env } });
}
