/* A whole VS Code for the tests, from npm: code-server's `lib/vscode` and the Node that it wants, in .cache/vscode. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureCompiler, giveUp, root, run, say } from './setup.mjs';

const pins = { 'code-server': '4.139.1', node: '24.21.0' };
const folder = join(root, '.cache', 'vscode');
const stamp = join(folder, 'stamp.json');
const nodeFolder = join(folder, 'node');
const vscodeFolder = join(folder, 'vscode');

/** Without these there are neither log files nor output channels, and extension hosts outlive their window. */
const nativeParts = {
  '@vscode/spdlog': 'spdlog.node',
  '@vscode/native-watchdog': 'watchdog.node',
};

/** What the stamp holds: an installation without its native parts is none. */
const wanted = JSON.stringify({ ...pins, compiled: Object.keys(nativeParts) });

/** Parts that the tests never load; without them the installation is half as large. */
const unusedParts = [
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@devcontainers/cli',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
  '@vscode/sandbox-runtime',
  '@vscode/copilot-api',
];

/** Installs it once for these pins. @returns the paths of its Node and of its server's program */
export function ensureVscode() {
  const paths = {
    node: join(nodeFolder, 'bin', 'node'),
    server: join(vscodeFolder, 'out', 'server-main.js'),
  };
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return paths;
  ensureCompiler();
  say('installing VS Code for the tests (about a minute, once)');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(nodeFolder, { recursive: true });
  mkdirSync(vscodeFolder, { recursive: true });
  const nodePackage = `node-${platform()}-${arch()}`;
  step('npm', ['pack', '--silent', `${nodePackage}@${pins.node}`], folder);
  step(
    'tar',
    ['xzf', `${nodePackage}-${pins.node}.tgz`, '-C', nodeFolder, '--strip-components=1', 'package'],
    folder,
  );
  step('npm', ['pack', '--silent', `code-server@${pins['code-server']}`], folder);
  step(
    'tar',
    [
      'xzf',
      `code-server-${pins['code-server']}.tgz`,
      '-C',
      vscodeFolder,
      '--strip-components=3',
      'package/lib/vscode',
    ],
    folder,
  );
  const manifest = join(vscodeFolder, 'package.json');
  const content = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const part of unusedParts) delete content.dependencies[part];
  writeFileSync(manifest, JSON.stringify(content, null, 2));
  // Not `npm ci`: the shrinkwrap that is shipped does not fit the manifest.
  step('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], vscodeFolder);
  // node-gyp would download the headers, which are here already.
  const env = {
    ...process.env,
    PATH: join(nodeFolder, 'bin') + delimiter + process.env.PATH,
    npm_config_nodedir: nodeFolder,
    JOBS: 'max',
  };
  // An npm that runs this hands down its own ignore-scripts, with which a rebuild does nothing and says nothing.
  step('npm', ['rebuild', '--ignore-scripts=false', ...Object.keys(nativeParts)], vscodeFolder, env);
  for (const [part, file] of Object.entries(nativeParts))
    if (!existsSync(join(vscodeFolder, 'node_modules', part, 'build', 'Release', file)))
      giveUp(`Installing VS Code for the tests failed: ${part} was not compiled.`);
  for (const name of [`${nodePackage}-${pins.node}.tgz`, `code-server-${pins['code-server']}.tgz`])
    rmSync(join(folder, name), { force: true });
  writeFileSync(stamp, wanted);
  return paths;
}

function step(program, args, cwd, env = process.env) {
  const status = run(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) giveUp(`Installing VS Code for the tests failed: ${program} ${args.join(' ')}`);
}

if (process.argv[1] === import.meta.filename) ensureVscode();
