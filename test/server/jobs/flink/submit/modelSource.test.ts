import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRemotePath, modelFiles } from '../../../../../server/src/jobs/flink/submit/modelSource.ts';
import { diskFiles } from '../../../../../server/src/model/recognise/diskFiles.ts';
import { locateModel } from '../../../../../server/src/model/recognise/locateModel.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function filesOf(...names: readonly string[]): Promise<readonly string[]> {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), 'def predict(inputs):\n    return inputs\n');
  }
  const found = await locateModel(folder, diskFiles, { looksInside: false });
  if ('code' in found) throw new Error(found.message);
  return [...(await modelFiles(found.folder, found))].sort();
}

test('a SavedModel goes with its variables and assets, and with nothing else that lies there', async () => {
  const own = ['assets/words.txt', 'saved_model.pb', 'variables/variables.data-00000-of-00001', 'variables/variables.index'];
  expect(await filesOf(...own, 'notes.txt', 'checkpoints/old/variables/a')).toEqual(own);
});

test('a frozen graph goes with the file that names its inputs and outputs', async () => {
  const own = ['frozen_inference_graph.pb', 'graph_meta.json'];
  expect(await filesOf(...own, 'train.log')).toEqual(own);
});

test('a program goes with all that lies beside it but what is hidden or was compiled', async () => {
  const own = ['factor.txt', 'inner/table.csv', 'labels.txt', 'model.py'];
  expect(await filesOf(...own, '.git/config', '__pycache__/model.pyc', 'inner/__pycache__/a.pyc', 'inner/.cache')).toEqual(own);
});

test('a model of one file goes with its labels alone, and one of two with both', async () => {
  expect(await filesOf('net.pt', 'labels.txt', 'train.py')).toEqual(['labels.txt', 'net.pt']);
  rmSync(join(folder, 'net.pt'));
  expect(await filesOf('net.xml', 'net.bin')).toEqual(['labels.txt', 'net.bin', 'net.xml']);
});

test.each([
  ['hdfs://host/models', true],
  ['s3://bucket/net.onnx', true],
  ['file:///models', false],
  ['/models', false],
  ['C:\\models', false],
])('%s is left to the cluster: %s', (path, isLeft) => {
  expect(isRemotePath(path)).toBe(isLeft);
});
