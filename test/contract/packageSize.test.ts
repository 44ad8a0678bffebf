import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

interface PackageSize {
  readonly zippedBytes: (folder: string, leftOut?: readonly string[]) => number;
}

const folder = mkdtempSync(join(tmpdir(), 'package-size-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what a package weighs is what its files have when compressed, without those that do not count', async () => {
  const { zippedBytes } = (await import(
    new URL('../../scripts/packageSize.mjs', import.meta.url).href
  )) as PackageSize;
  mkdirSync(join(folder, 'dist', 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'text'), 'the same '.repeat(10_000));
  writeFileSync(join(folder, 'dist', 'noise'), randomBytes(10_000));
  writeFileSync(join(folder, 'dist', 'node_modules', 'binary'), randomBytes(50_000));
  const counted = zippedBytes(folder, ['dist/node_modules']);
  expect(counted).toBeGreaterThan(10_000);
  expect(counted).toBeLessThan(12_000);
  expect(zippedBytes(folder)).toBeGreaterThan(60_000);
});
