/* What the tests of the container image need: buildah, and stand-ins for the public base images, which are made of Debian's
   packages and npm's. A registry of images is not asked, so they work where there is none. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram, giveUp, installPackage, root, run, say } from './setup.mjs';

/** In the user's cache folder, where a fresh clone finds it again. */
const caches = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cluster-serving');
const folder = join(caches, 'images');
const release = 'bookworm';
/** As deploy/Dockerfile names them. */
const bases = {
  debian: 'docker.io/library/debian:bookworm-slim',
  node: 'docker.io/library/node:20-bookworm-slim',
};
const packages = { node: `node-linux-${process.arch}@20`, npm: 'npm@10' };
/** Layers are mounted over each other where that is allowed, and copied where it is not: in many containers. */
const drivers = ['overlay', 'vfs'];
let driver;

/** In a chroot a mount would be seen by the program alone that made it. */
const isChroot = () => spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status !== 0;
const ownRoot = join(import.meta.dirname, 'ownRoot.sh');

function buildah(...args) {
  driver ??= isChroot() ? 'vfs' : drivers.find((name) => buildahOn(name, ['images']).status === 0);
  return buildahOn(driver ?? 'vfs', args);
}

function buildahOn(name, args) {
  const storage = [
    '--storage-driver',
    name,
    '--root',
    join(folder, name),
    '--runroot',
    join(folder, `${name}-run`),
  ];
  // Root in a container cannot make the namespaces that a build has otherwise.
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' };
  return spawnSync('sh', [ownRoot, 'buildah', ...storage, ...args], {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 26,
  });
}

/** @throws SetupError with what buildah printed. @returns what it printed */
function must(...args) {
  const { status, stdout, stderr } = buildah(...args);
  if (status !== 0) giveUp(`buildah ${args.join(' ')} failed:\n${stderr}`);
  return stdout.trim();
}

/** Programs and the packages of Debian that bring them. */
const tools = {
  buildah: 'buildah',
  debootstrap: 'debootstrap',
  nsenter: 'util-linux',
  'systemd-analyze': 'systemd',
  logrotate: 'logrotate',
  'docker-compose': 'docker-compose',
};

export function ensureImageTools() {
  const works = () =>
    spawnSync('sh', [ownRoot, 'unshare', '--mount', '--pid', '--fork', 'true'], { stdio: 'ignore' })
      .status === 0;
  if (process.platform !== 'linux' || process.getuid() !== 0 || !works())
    giveUp('The image is built and tried on Linux only, by root that may make mounts and namespaces.');
  const missing = Object.entries(tools)
    .filter(([program]) => !findProgram(program, ['/usr/sbin', '/sbin']))
    .map(([, name]) => name);
  if (missing.length > 0)
    installPackage(missing, { brew: 'buildah', why: 'what builds and checks images and units' });
}

/** The base images, once. */
export function ensureBaseImages() {
  mkdirSync(folder, { recursive: true });
  const stamp = join(folder, `bases-${digest(JSON.stringify([bases, packages, release]))}`);
  const exists = (name) => buildah('inspect', '--type', 'image', name).status === 0;
  if (existsSync(stamp) && Object.values(bases).every(exists)) return;
  say('making stand-ins for the base images, of packages of Debian and npm (2 minutes, once)');
  const debian = join(folder, 'debian');
  makeDebian(debian);
  commit('scratch', debian, bases.debian);
  const node = join(folder, 'node');
  unpackNode(node);
  commit(bases.debian, node, bases.node);
  for (const made of [debian, node]) rmSync(made, { recursive: true, force: true });
  writeFileSync(stamp, '');
}

const digest = (text) => createHash('sha1').update(text).digest('hex').slice(0, 10);

/** Builds the image as its users do, and unpacks it.
 *  @returns what its tests need: the file of its settings, and the folder of its files */
export function buildImage() {
  // Clones that are tested beside each other do not take each other's.
  const name = `cluster-serving-${digest(root)}`;
  say('building the image');
  buildah('rm', name);
  const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8', cwd: folder }).stdout.trim();
  mkdirSync(cache, { recursive: true });
  const args = ['bud', '--pull-never', '--format', 'docker', '--file', join(root, 'deploy', 'Dockerfile')];
  args.push('--secret', `id=npmrc,src=${npmSettings()}`, '--volume', `${cache}:/root/.npm`);
  must(...args, '--tag', `localhost/${name}`, root);
  must('rmi', '--prune');
  must('from', '--pull-never', '--name', name, `localhost/${name}`);
  const kept = join(root, '.cache', 'image');
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  const built = { IMAGE_SETTINGS: join(kept, 'image.json'), IMAGE_FILES: join(kept, 'files') };
  writeFileSync(built.IMAGE_SETTINGS, must('inspect', '--type', 'image', `localhost/${name}`));
  if (run('cp', ['-a', must('mount', name), built.IMAGE_FILES]) !== 0)
    giveUp('The files of the image could not be copied.');
  must('rm', name);
  return built;
}

function makeDebian(target) {
  rmSync(target, { recursive: true, force: true });
  const args = ['--variant=minbase', '--include=ca-certificates', release, target, debianMirror()];
  if (run('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] }) !== 0)
    giveUp('debootstrap failed; its words are above.');
  // The public image is without them, too.
  for (const part of ['doc', 'locale', 'man', 'info'])
    rmSync(join(target, 'usr', 'share', part), { recursive: true, force: true });
  for (const part of ['lib/apt/lists', 'cache/apt', 'log', 'cache/debconf'])
    for (const name of readdirSync(join(target, 'var', part)))
      rmSync(join(target, 'var', part, name), { recursive: true, force: true });
}

/** The mirror that this machine takes its own packages from. */
function debianMirror() {
  const files = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter(existsSync);
  for (const file of files) {
    const found = /^(?:URIs:|deb(?: \[.*\])?)\s+(\S+)/m.exec(readFileSync(file, 'utf8'));
    if (found) return found[1];
  }
  return 'http://deb.debian.org/debian';
}

/** Node.js and npm, where the public image has them. */
function unpackNode(target) {
  const bin = join(target, 'usr', 'local', 'bin');
  const modules = join(target, 'usr', 'local', 'lib', 'node_modules');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  unpack(packages.npm, join(modules, 'npm'));
  unpack(packages.node, join(folder, 'node-package'));
  const links = [
    ['mv', join(folder, 'node-package', 'bin', 'node'), bin],
    ['ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm')],
    ['ln', '-s', '../lib/node_modules/npm/bin/npx-cli.js', join(bin, 'npx')],
  ];
  for (const [program, ...args] of links) if (run(program, args) !== 0) giveUp(`${program} failed.`);
  rmSync(join(folder, 'node-package'), { recursive: true, force: true });
}

function unpack(name, target) {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--silent', '--pack-destination', folder, name],
    { encoding: 'utf8' },
  );
  if (status !== 0) giveUp(`npm pack ${name} failed:\n${stderr}`);
  const file = join(folder, stdout.trim().split('\n').at(-1));
  mkdirSync(target, { recursive: true });
  if (run('tar', ['-xzf', file, '-C', target, '--strip-components=1']) !== 0)
    giveUp(`${file} could not be unpacked.`);
  rmSync(file);
}

function commit(from, tree, name) {
  const container = must('from', '--pull-never', from);
  must('add', container, tree, '/');
  must('commit', '--rm', '--format', 'docker', container, name);
}

/** How npm reaches its registry on this machine, for a build to get as a secret: none of it is in the image. The certificates
 *  become a part of it, as a build has no files of this machine.
 *  @returns the file */
export function npmSettings() {
  const file = join(folder, 'npmrc');
  const { stdout } = spawnSync('npm', ['config', 'list', '--json'], { encoding: 'utf8', cwd: folder });
  const { registry, cafile, proxy, 'https-proxy': httpsProxy } = JSON.parse(stdout);
  // The image trusts what Debian does; this machine may trust more, such as the authority of its proxy.
  const trusted = [cafile, process.env.NODE_EXTRA_CA_CERTS, '/etc/ssl/certs/ca-certificates.crt'];
  const bundle = trusted.find((path) => path && existsSync(path));
  const authorities = bundle ? certificatesIn(readFileSync(bundle, 'utf8')) : [];
  const lines = Object.entries({ registry, proxy, 'https-proxy': httpsProxy })
    .filter(([, value]) => value)
    .map(([key, value]) => `${key}=${value}`);
  // What this machine has fetched before need not be asked for again.
  lines.push('prefer-offline=true', ...authorities.map((text) => `ca[]=${JSON.stringify(text)}`));
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

function certificatesIn(text) {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
