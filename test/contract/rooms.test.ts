import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const maxFiles = 20;
const maxLines = 400;

/** The sources of these folders, by path. */
function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs|py|java|lua)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .filter((path) => !path.includes('node_modules') && !path.includes('/target/'));
}

const rooms = ['schemas', 'server', 'client', 'flink', 'scripts', 'bench'].flatMap(sourcesIn);

test('a folder of sources is taken in at a glance', () => {
  const files = new Map<string, number>();
  for (const path of rooms) files.set(dirname(path), (files.get(dirname(path)) ?? 0) + 1);
  expect(files.size).toBeGreaterThan(50);
  expect([...files].filter(([, count]) => count > maxFiles)).toEqual([]);
});

test('a source file is read in one sitting', () => {
  const long = rooms.filter(
    (path) => readFileSync(join(root, path), 'utf8').split('\n').length > maxLines + 1,
  );
  expect(long).toEqual([]);
});
