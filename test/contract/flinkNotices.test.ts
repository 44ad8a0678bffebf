import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const flink = join(import.meta.dirname, '..', '..', 'flink');
const read = (path: string) => readFileSync(join(flink, path), 'utf8');

test('the jar for Flink names each library that it holds, with its licence', () => {
  const notices = read('src/main/resources/META-INF/THIRD_PARTY_NOTICES.txt');
  const patterns = [...read('pom.xml').matchAll(/<pattern>([\w.]+)<\/pattern>/g)].map(
    ([, name]) => name ?? '',
  );
  expect(patterns.length).toBeGreaterThan(0);
  const list = notices.split('\n').filter((line) => line.startsWith('- '));
  for (const pattern of patterns)
    expect(
      list.find((line) => line.includes(pattern)),
      pattern,
    ).toMatch(/License/);
  expect(list).toHaveLength(patterns.length);
});
