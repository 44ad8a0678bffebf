import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { externalData } from '../../../../../server/src/jobs/flink/submit/externalData.ts';
import { models } from '../../../../support/serving.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'external-data-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that names others as a model does, each entry after a number of other bytes. */
function model(...entries: readonly (readonly [before: number, name: string])[]): string {
  const file = join(folder, 'model.onnx');
  const parts = entries.flatMap(([before, name]) => {
    const text = Buffer.from(name);
    const length = text.length < 0x80 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
    return [Buffer.alloc(before, 0x0a), Buffer.from('\n\x08location\x12', 'latin1'), Buffer.from(length), text];
  });
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

test('a model names the files that hold its weights', async () => {
  const file = join(models, 'outside', 'outside.onnx');
  expect(await externalData(file)).toEqual(['outside.onnx.data', 'more weights/shift.bin']);
  expect(await externalData(join(models, 'mlp', 'mlp.onnx'))).toEqual([]);
});

test('each file is named once, however its entries lie in the file', async () => {
  const long = 'w'.repeat(200);
  for (const name of ['a.bin', long]) writeFileSync(join(folder, name), '');
  const chunk = 64 * 1024;
  for (let before = chunk - 250; before <= chunk; before += 1) {
    const file = model([before, long], [5, 'a.bin'], [chunk, 'a.bin']);
    expect(await externalData(file)).toEqual([long, 'a.bin']);
  }
});

test.each([
  ['is not there', 'none.bin', 'model-missing'],
  ['is above the model', '../secret', 'model-unsupported'],
  ['is above the model by a detour', 'a/../../secret', 'model-unsupported'],
  ['has an absolute path', '/etc/passwd', 'model-unsupported'],
])('a file that %s is refused', async (_, name, code) => {
  await expect(externalData(model([3, name]))).rejects.toMatchObject({ code });
});

test('an entry that is cut names nothing', async () => {
  const file = join(folder, 'cut.onnx');
  for (const tail of ['', '\x05', '\x05ab', '\x85', '\x85\x01ab']) {
    writeFileSync(file, Buffer.from(`\n\x08location\x12${tail}`, 'latin1'));
    expect(await externalData(file)).toEqual([]);
  }
});
