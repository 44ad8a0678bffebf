/* Builds the job for Flink clusters with Maven into dist/flink, unless it is there and nothing has changed since. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, findProgram, giveUp, root, run, say } from './machine/setup.mjs';

const jar = 'cluster-serving-flink.jar';
const built = join(root, 'dist', 'flink', jar);
const stamp = `${built}.sources`;

const sources = [join(root, 'flink', 'pom.xml'), ...filesBelow(join(root, 'flink', 'src', 'main'))];
const hash = createHash('sha256');
for (const file of sources) hash.update(file.slice(root.length)).update(readFileSync(file));
const digest = hash.digest('hex');

if (!existsSync(built) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  if (!findProgram('mvn'))
    giveUp(
      'The job for Flink is built with Maven and a JDK of version 11 or newer. Install both: maven, openjdk-17-jdk.',
    );
  say('building the job for Flink (mvn package)');
  const status = run('mvn', [
    '-q',
    '-B',
    '-Dstyle.color=never',
    '-f',
    join(root, 'flink', 'pom.xml'),
    'package',
    '-Dmaven.test.skip=true',
  ]);
  if (status !== 0) giveUp("The job for Flink could not be built; Maven's words are above.");
  mkdirSync(join(root, 'dist', 'flink'), { recursive: true });
  copyFileSync(join(root, 'flink', 'target', jar), built);
  writeFileSync(stamp, digest);
}
