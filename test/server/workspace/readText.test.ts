import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTextOrTrouble } from '../../../server/src/workspace/readText.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'read text-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array): Promise<object> {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, bytes);
  return readTextOrTrouble(path);
}

test('a text is read as it stands, with its byte order mark', async () => {
  expect(await read(Buffer.from('\uFEFFmodelPath: /模型\r\n'))).toEqual({
    text: '\uFEFFmodelPath: /模型\r\n',
  });
});

test('another encoding is no text, but a guess', async () => {
  const text = 'modelPath: /m\n';
  expect(await read(Buffer.from(`${text}# caf\xE9\n`, 'latin1'))).toMatchObject({
    guess: `${text}# caf\xE9\n`,
  });
  const wide = Buffer.from(`\uFEFF${text}`, 'utf16le');
  expect(await read(wide)).toEqual({ trouble: 'is UTF-16LE; save it as UTF-8', guess: text });
  expect(await read(wide.swap16())).toEqual({ trouble: 'is UTF-16BE; save it as UTF-8', guess: text });
});

test('what cannot be read says why', async () => {
  expect(await readTextOrTrouble(join(folder, 'nowhere'))).toEqual({ trouble: 'cannot be read (ENOENT)' });
  expect(await readTextOrTrouble(folder)).toEqual({ trouble: 'cannot be read (EISDIR)' });
  expect(await read(new Uint8Array(2 * 1024 * 1024))).toHaveProperty('trouble');
  expect(await read(Uint8Array.of(97, 0, 98))).toHaveProperty('trouble');
});
