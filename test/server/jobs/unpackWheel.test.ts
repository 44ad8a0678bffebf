import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { unpackWheel } from '../../../server/src/jobs/runtimes/unpackWheel.ts';
import { zipOf } from '../../support/zip.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
const record = (files: Readonly<Record<string, string>>) =>
  Object.entries(files)
    .map(([name, text]) => `${name},sha256=${digest(text)},${text.length}`)
    .join('\n');

/** A wheel with these files, and a list of them. */
function wheel(files: Readonly<Record<string, string>>, list = record(files)): { wheel: string; to: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wheel-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'x.whl');
  writeFileSync(path, zipOf({ ...files, 'x-1.dist-info/RECORD': list }));
  return { wheel: path, to: join(folder, 'out') };
}

const files = {
  'x/libs/liba.so.1': 'library',
  'x/libs/libgpu.so': 'not wanted',
  'x/__init__.py': 'import this',
  'x-1.dist-info/licenses/LICENSE': 'licence',
};
const wanted = /^liba\.so[.\d]*$/;

test('what is wanted is unpacked, with the licences', async () => {
  const { wheel: path, to } = wheel(files);
  expect(await unpackWheel(path, wanted, to)).toMatchObject({ bytes: 'library'.length + 'licence'.length });
  expect(readdirSync(to).sort()).toEqual(['LICENCE-1-LICENSE', 'liba.so.1']);
  expect(readFileSync(join(to, 'liba.so.1'), 'utf8')).toBe('library');
});

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['whose file is not what its list says', files, record({ ...files, 'x/libs/liba.so.1': 'another' })],
  ['whose list lacks the file', files, record({ 'x/__init__.py': 'import this' })],
  ['that holds nothing of what is wanted', { 'x/__init__.py': 'import this' }, undefined],
])('a wheel %s is refused', async (_, content, list) => {
  const { wheel: path, to } = wheel(content, list);
  await expect(unpackWheel(path, wanted, to)).rejects.toMatchObject({ code: 'runtime-install-failed' });
});

test('what is no zip, or is cut off, is refused', async () => {
  const { wheel: path, to } = wheel(files);
  const whole = readFileSync(path);
  for (const bytes of [Buffer.from('<html>'), Buffer.alloc(0), whole.subarray(0, whole.length - 30)]) {
    writeFileSync(path, bytes);
    await expect(unpackWheel(path, wanted, to)).rejects.toMatchObject({ code: 'runtime-install-failed' });
  }
});

test('nothing is written outside the folder, whatever names a wheel has', async () => {
  const { wheel: path, to } = wheel({ '../../liba.so': 'escapes' });
  await expect(unpackWheel(path, wanted, to)).rejects.toMatchObject({ code: 'runtime-install-failed' });
  expect(readdirSync(join(to, '..')).sort()).toEqual(['out', 'x.whl']);
});
