import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { expect, test } from 'vitest';

/* A source file has a test of its own name, or test/coveredBy.json lists it below the test that covers it. Both are named by
   as much of the end of their path as is unique, so that a file may move. */

const root = join(import.meta.dirname, '..', '..');
const list = JSON.parse(readFileSync(join(root, 'test', 'coveredBy.json'), 'utf8')) as Readonly<
  Record<string, readonly string[]>
>;
const below = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name.split(sep).join('/')}`,
  );
const sources = [...below('server/src'), ...below('web')].filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.d.ts'),
);
const tests = below('test').filter((path) => path.endsWith('.test.ts'));

function found(name: string, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => path.endsWith(`/${name}`));
}

/** Everything that files import, types included. */
function reached(from: readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const path of seen)
    for (const [, to = ''] of readFileSync(join(root, path), 'utf8').matchAll(
      /(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g,
    ))
      seen.add(join(dirname(path), to).split(sep).join('/'));
  return seen;
}

test('every source file has a test of its own name, or a line that says which test covers it', () => {
  const names = new Set(tests.map((path) => basename(path, '.test.ts')));
  const listed = new Set(
    Object.values(list)
      .flat()
      .flatMap((name) => found(name, sources)),
  );
  expect(
    sources.filter((path) => !names.has(basename(path, '.ts')) && !listed.has(path)),
    'list them in test/coveredBy.json',
  ).toEqual([]);
});

test('every line names one source file and one test that there are', () => {
  const wrong = Object.entries(list).flatMap(([name, covered]) => [
    ...(found(name, tests).length === 1 ? [] : [name]),
    ...covered.filter((file) => found(file, sources).length !== 1),
  ]);
  expect(wrong).toEqual([]);
  const all = Object.values(list).flat();
  expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([]);
});

test('a unit test that is said to cover a file imports it, the others run a program that does', () => {
  const programs = reached([
    ...sources.filter((path) =>
      /\/(main|webMain|lintMain|\w+Worker|runtimeCheck|supervisor|imageThread)\.ts$/.test(path),
    ),
    ...sources.filter((path) => path.startsWith('web/pages/')),
  ]);
  const wrong = Object.entries(list).flatMap(([name, covered]) => {
    const [path = ''] = found(name, tests);
    const imported = reached([path]);
    const isUnit = /^test\/(server|schemas|client|web)\//.test(path);
    return covered
      .filter((file) => {
        const [source = ''] = found(file, sources);
        return !imported.has(source) && (isUnit || !programs.has(source));
      })
      .map((file) => `${name}: ${file}`);
  });
  expect(wrong).toEqual([]);
});
