/* One project of vitest.config.mjs, and what its report says. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from '../machine/setup.mjs';
import { runAside } from './runAside.mjs';

/** @param env  added to the environment
 *  @returns the counts, and for each failed test a line */
export async function testProject(project, env, output) {
  const results = join(root, '.cache', `vitest-${project}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(results, { force: true });
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const status = await runAside(process.execPath, [program, 'run', '--project', project, ...reporters], {
    env: { ...process.env, FULL_PROPERTY_TESTS: '1', ...env },
    output,
  });
  if (!existsSync(results)) return { passed: 0, failed: 1, skipped: 0 };
  const found = JSON.parse(readFileSync(results, 'utf8'));
  // A file that cannot be loaded has no test to count, and an error between the tests belongs to none.
  const broken = found.testResults.filter(
    ({ status: state, assertionResults }) => state === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = found.numFailedTests + broken;
  return {
    passed: found.numPassedTests,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: found.numPendingTests + found.numTodoTests,
    failures: failuresOf(found),
  };
}

/** Each failed test with its file and the first line of its error, to be repeated below the output of all suites. */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    if (status === 'failed' && assertionResults.length === 0) return [`${file}: ${firstLine(message)}`];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map(
        ({ fullName, failureMessages }) => `${file} > ${fullName}: ${firstLine(failureMessages.join('\n'))}`,
      );
  });
}

function firstLine(text) {
  return stripVTControlCharacters(text.trim().split('\n', 1)[0]);
}
