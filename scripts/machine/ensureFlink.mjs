/* A real Flink for the tests, and what builds and runs Java. */
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensurePythonClient, findProgram, giveUp, installPackage, root, run, say } from './setup.mjs';

/** The line of Flink that the job is built for, and the release that it is tested on. */
const version = '1.20.5';

/** JDK 17 and Maven. @returns the JAVA_HOME */
export function ensureJava() {
  if (!findProgram('javac'))
    installPackage('openjdk-17-jdk-headless', { brew: 'openjdk@17', why: 'a JDK, for Flink and Kafka' });
  const javac = findProgram('javac');
  if (!javac) giveUp('A JDK was installed but javac is not on the PATH.');
  if (!findProgram('mvn')) installPackage('maven', { brew: 'maven', why: 'Maven, for Flink and Kafka' });
  return dirname(dirname(realpathSync(javac)));
}

/** A FLINK_HOME in the user's cache folder, where a fresh clone finds it again. @returns its path */
function ensureFlink() {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const home = join(caches, 'cluster-serving', `flink-${version}`);
  const stamp = join(home, '.complete');
  if (existsSync(stamp)) return home;
  const python = ensurePythonClient();
  const downloads = join(caches, 'cluster-serving', `flink-${version}-${process.pid}`);
  mkdirSync(downloads, { recursive: true });
  say(`downloading Flink ${version} (235 MB, once)`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
  // Any platform's wheel will do, as nothing native is taken from it.
  const wheel = ['--only-binary=:all:', '--python-version=3.11', '--platform=manylinux2014_x86_64'];
  for (const args of [
    [...wheel, `apache-flink==${version}`],
    ['--no-binary=:all:', `apache-flink-libraries==${version}`],
  ])
    if (run(python, [...pip, ...args, '--dest', downloads]) !== 0)
      giveUp("The download of Flink failed; pip's words are above.");
  const half = join(downloads, 'home');
  const unpack = join(root, 'scripts', 'machine', 'unpackFlink.py');
  if (run(python, [unpack, downloads, half]) !== 0) giveUp('Flink could not be unpacked.');
  writeFileSync(join(half, '.complete'), version);
  rmSync(home, { recursive: true, force: true });
  renameSync(half, home);
  rmSync(downloads, { recursive: true, force: true });
  return home;
}

/** Builds the job and sets the environment that the tests and benchmarks with Flink start from. */
export function prepareFlink() {
  process.env.JAVA_HOME = ensureJava();
  if (run(process.execPath, [join(root, 'scripts', 'buildFlink.mjs')]) !== 0)
    giveUp('The job for Flink could not be built; the words are above.');
  process.env.FLINK_HOME = ensureFlink();
}
