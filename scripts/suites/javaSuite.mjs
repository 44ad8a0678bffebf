/* The unit suite of the job for Flink, in Maven. */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from '../machine/setup.mjs';
import { runAside } from './runAside.mjs';

/** Runs the suite. @returns how many of its tests passed, failed and were skipped */
export async function testJava(output) {
  const reports = join(root, 'flink', 'target', 'surefire-reports');
  rmSync(reports, { recursive: true, force: true });
  const args = ['-q', '-B', '-f', join(root, 'flink', 'pom.xml'), 'test'];
  const status = await runAside('mvn', args, { output });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of existsSync(reports) ? readdirSync(reports) : []) {
    if (!/^TEST-.*\.xml$/.test(name)) continue;
    const [head] = /<testsuite [^>]*>/.exec(readFileSync(join(reports, name), 'utf8')) ?? [''];
    const count = (what) => Number(new RegExp(` ${what}="(\\d+)"`).exec(head)?.[1] ?? 0);
    const bad = count('errors') + count('failures');
    counts.failed += bad;
    counts.skipped += count('skipped');
    counts.passed += count('tests') - bad - count('skipped');
  }
  // What does not compile has no test to count.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

if (process.argv[1] === import.meta.filename) {
  const counts = await testJava();
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
