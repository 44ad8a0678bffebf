/* Makes the extension's package for one platform: node scripts/package.mjs [linux-x64]. What goes in is named here, and
   nothing else is there: the bundles, the texts, and of ONNX Runtime and koffi only the binaries of that platform. That
   for the platform `web`, editors in a browser, has the language server alone. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { maxPackageBytes, zippedBytes } from './packageSize.mjs';
import { bundleKoffi } from './bundle/bundleKoffi.mjs';
import { bundleOnnxRuntime } from './bundle/bundleOnnxRuntime.mjs';
import { findProgram, giveUp, root, run, say } from './machine/setup.mjs';

const [target = `${process.platform}-${process.arch}`] = process.argv.slice(2);
if (run(process.execPath, [join(root, 'scripts', 'build.mjs')]) !== 0) giveUp('The build failed.');
const isWeb = target === 'web';
if (isWeb) say('For editors in a browser, so without what starts jobs');
else if (!findProgram('mvn')) say('Maven is not here, so the package goes without the job for Flink');
else if (run(process.execPath, [join(root, 'scripts', 'buildFlink.mjs')]) !== 0) giveUp('The build failed.');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stage = join(root, '.cache', 'vsix', target);
rmSync(stage, { recursive: true, force: true });

const texts = readdirSync(root).filter((name) => /^package\.nls.*\.json$/.test(name));
const parts = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'docs',
  ...(isWeb ? [] : ['examples/digits']),
  'l10n',
  'media',
  'syntaxes',
  ...texts,
];
for (const part of parts) put(part, (path) => !path.includes('.vitepress'));
if (isWeb) {
  put('dist/browser');
  put('dist/THIRD_PARTY_NOTICES.txt');
} else await putPrograms();

async function putPrograms() {
  const leftOut = ['onnxRuntime', 'koffi', 'lint.mjs'].map((name) => join(root, 'dist', name));
  put('dist', (path) => !/\.(map|sources)$/.test(path) && !leftOut.some((part) => path.startsWith(part)));
  await bundleOnnxRuntime(join(stage, 'dist'), target).catch((error) => giveUp(error.message));
  // What calls OpenVINO's library; without it, only models of ONNX Runtime are served.
  try {
    bundleKoffi(join(stage, 'dist'), target);
  } catch (error) {
    say(`The package goes without OpenVINO. ${error.message}`);
  }
}

/** What the editor has no use for. */
const onlyHere = new Set([
  ...['scripts', 'devDependencies', 'dependencies', 'bin', 'man', 'private', 'type'],
  ...(isWeb ? ['main', 'extensionKind'] : []),
]);

const rest = Object.fromEntries(Object.entries(manifest).filter(([key]) => !onlyHere.has(key)));
const files = [...parts, 'dist'].filter((part) => existsSync(join(stage, part)));
writeFileSync(join(stage, 'package.json'), JSON.stringify({ ...rest, files }, null, 2));

// ONNX Runtime and koffi have their own sizes, and so have the half for browsers, which a test holds to its own, and what
// runs on Flink, part of which is there only where Maven is. Pages and examples are no bundles.
const withOwnSize = ['onnxRuntime', 'koffi', 'browser', 'flink', 'flinkWorker'].map((name) => `dist/${name}`);
withOwnSize.push('docs', 'examples');
const bytes = zippedBytes(stage, withOwnSize);
const megabytes = (count) => `${(count / 1e6).toFixed(2)} MB`;
if (bytes > maxPackageBytes)
  giveUp(
    `Without ONNX Runtime, pages and examples the package has ${megabytes(bytes)}, more than ${megabytes(maxPackageBytes)}: see what has grown in dist/.`,
  );
say(
  `Without ONNX Runtime, pages and examples the package has ${megabytes(bytes)} of at most ${megabytes(maxPackageBytes)}`,
);

const packagePath = join(root, `${manifest.name}-${target}-${manifest.version}.vsix`);
const { status, stderr } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', '@vscode', 'vsce', 'vsce'),
    'package',
    '--no-dependencies',
    '--no-rewrite-relative-links',
    // An address is asked for, and there is none that everybody reaches; vsce knows no other way to say so. Once
    // package.json names one, it is checked.
    ...(manifest.repository === undefined ? ['--allow-missing-repository'] : []),
    ...['--target', target, '--out', packagePath],
  ],
  // Where it believes to be part of a workflow, its warnings look like its other output.
  {
    cwd: stage,
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, GITHUB_ACTIONS: '' },
  },
);
process.stderr.write(stderr);
if (status !== 0) giveUp('vsce made no package; its words are above.');
if (stderr.includes('WARNING')) giveUp('vsce warns of what it packed; its words are above.');

function put(from, filter = () => true, to = from) {
  const source = join(root, from);
  if (!existsSync(source)) return;
  mkdirSync(dirname(join(stage, to)), { recursive: true });
  cpSync(source, join(stage, to), {
    recursive: true,
    filter: (path) => filter(path) && !path.endsWith('.d.ts') && !path.endsWith('.map'),
  });
}
