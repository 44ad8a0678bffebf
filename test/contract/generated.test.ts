import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { configKeys, keyNames } from '../../schemas/config/configKeys.ts';
import { configProblems } from '../../schemas/config/problems.ts';
import { readConfig } from '../../server/src/config/readConfig.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

test('generated files are what the tables say today', { timeout: 60_000 }, async () => {
  const script = fileURLToPath(new URL('scripts/generate/generate.mjs', root));
  await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toBeDefined();
});

test('every key and every problem is in the docs', () => {
  const page = read('docs/config.md');
  for (const name of [...keyNames, ...Object.keys(configProblems)]) expect(page).toContain(`\`${name}\``);
});

test('the schema knows the keys, their older names, and nothing else', () => {
  const { properties } = JSON.parse(read('schemas/config.schema.json')) as { properties: object };
  const aliases = keyNames.flatMap((key) => ('aliases' in configKeys[key] ? configKeys[key].aliases : []));
  expect(Object.keys(properties).sort()).toEqual([...keyNames, ...aliases].sort());
});

test('the example of every key is a value that it takes', () => {
  for (const key of keyNames) {
    const { problems } = readConfig(`modelPath: /m\n${key}: ${configKeys[key].example}\n`);
    const wrong = problems.filter(
      ({ code }) => !['duplicate-key', 'no-effect', 'not-supported-yet', 'record-secret'].includes(code),
    );
    expect(wrong).toEqual([]);
  }
});
