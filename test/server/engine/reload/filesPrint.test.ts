import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configPrint, modelPrint } from '../../../../server/src/engine/reload/filesPrint.ts';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'print-'));
  writeFileSync(at('m.onnx'), 'one');
  utimesSync(at('m.onnx'), 1_000, 1_000);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Whether the print of the folder is another one after a step. */
async function changes(step: () => void, path = folder): Promise<boolean> {
  const before = await modelPrint(path);
  step();
  return (await modelPrint(path)) !== before;
}

test('a folder that nothing happens to looks the same', async () => {
  expect(await changes(() => undefined)).toBe(false);
});

test.each([
  ['a file of another size', () => writeFileSync(at('m.onnx'), 'longer')],
  ['a later time', () => utimesSync(at('m.onnx'), 2_000, 2_000)],
  ['an older time', () => utimesSync(at('m.onnx'), 500, 500)],
  ['a further file', () => writeFileSync(at('labels.txt'), 'a')],
  ['a file that has gone', () => rmSync(at('m.onnx'))],
  ['a folder of another version', () => mkdirSync(at('2'))],
])('%s shows', async (_, step) => {
  expect(await changes(step)).toBe(true);
});

test('a file that replaces another of the same size and time shows', async () => {
  const replace = () => {
    writeFileSync(at('new'), 'two');
    utimesSync(at('new'), 1_000, 1_000);
    renameSync(at('new'), at('m.onnx'));
  };
  expect(await changes(replace)).toBe(true);
});

test('files of a version deep in the folder show, hidden ones and the cache of Python do not', async () => {
  mkdirSync(at('1', 'variables'), { recursive: true });
  expect(await changes(() => writeFileSync(at('1', 'variables', 'x'), ''))).toBe(true);
  expect(await changes(() => writeFileSync(at('.m.onnx.part'), ''))).toBe(false);
  mkdirSync(at('__pycache__'));
  expect(await changes(() => writeFileSync(at('__pycache__', 'model.pyc'), ''))).toBe(false);
});

test('beside a model that is named by its file only what belongs to it counts', async () => {
  expect(await changes(() => writeFileSync(at('other.onnx'), ''), at('m.onnx'))).toBe(false);
  expect(await changes(() => writeFileSync(at('m.onnx.data'), ''), at('m.onnx'))).toBe(true);
  expect(await changes(() => rmSync(at('m.onnx')), at('m.onnx'))).toBe(true);
});

test('a folder that is not there shows when it comes', async () => {
  expect(await changes(() => mkdirSync(at('later')), at('later'))).toBe(true);
});

test('a config counts by what it holds, not by its time', async () => {
  writeFileSync(at('config.yaml'), 'a');
  const before = await configPrint(at('config.yaml'));
  utimesSync(at('config.yaml'), 5, 5);
  expect(await configPrint(at('config.yaml'))).toBe(before);
  writeFileSync(at('config.yaml'), 'b');
  expect(await configPrint(at('config.yaml'))).not.toBe(before);
  rmSync(at('config.yaml'));
  expect(await configPrint(at('config.yaml'))).toBe('ENOENT');
});
