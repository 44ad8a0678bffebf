/* Builds the linter alone, as one file that needs nothing but Node: dist/lint.mjs. Of the packages of this repository only
   those are installed that it is made of and by, so that it takes seconds where the whole takes minutes. Plain Node. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '.cache', 'lint');
const packages = ['commander', 'esbuild', 'yaml'];

/** The part of the lock file that these packages need, with its versions and digests. */
function partOfLock({ packages: all, ...lock }) {
  const dependencies = Object.fromEntries(
    packages.map((name) => [name, all[`node_modules/${name}`].version]),
  );
  const wanted = new Set(packages);
  for (const name of wanted) {
    const { dependencies: needed = {}, optionalDependencies: optional = {} } =
      all[`node_modules/${name}`] ?? {};
    for (const other of Object.keys({ ...needed, ...optional })) wanted.add(other);
  }
  const entries = [...wanted].map((name) => `node_modules/${name}`).filter((path) => all[path]);
  const manifest = { name: 'cluster-serving-lint', version: lock.version, private: true, dependencies };
  return {
    manifest,
    lock: {
      ...lock,
      name: manifest.name,
      packages: {
        '': manifest,
        ...Object.fromEntries(entries.map((path) => [path, { ...all[path], dev: undefined }])),
      },
    },
  };
}

function install() {
  const { manifest, lock } = partOfLock(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock, null, 2));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
  const { status, error } = spawnSync(npm, args, { cwd: folder, stdio: 'inherit' });
  if (error || status !== 0) {
    console.error('npm ci failed; its words are above.');
    process.exit(1);
  }
}

install();
const { build } = createRequire(join(folder, 'package.json'))('esbuild');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
await build({
  absWorkingDir: root,
  entryPoints: { lint: 'server/src/cli/lintMain.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  nodePaths: [join(folder, 'node_modules')],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifyWhitespace: true,
  minifySyntax: true,
  // commander is CommonJS, and asks for Node's own modules in its way.
  banner: {
    js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
  },
  define: { CLUSTER_SERVING_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
});
