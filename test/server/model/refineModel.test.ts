import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diskFiles } from '../../../server/src/model/recognise/diskFiles.ts';
import { locateModel } from '../../../server/src/model/recognise/locateModel.ts';
import { zipOf } from '../../support/zip.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/python');

/** What a folder of the fixtures, or its one file, is recognised as. */
const located = (...parts: readonly string[]) => locateModel(join(fixtures, ...parts), diskFiles);

function folderOf(files: Readonly<Record<string, string | Buffer>>, from?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'refine-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (from !== undefined) cpSync(join(fixtures, from), folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('a file of PyTorch', () => {
  test.each([
    ['script', { type: 'pytorch', file: 'net.pt' }],
    ['traced', { type: 'pytorch' }],
    ['export', { type: 'pytorchExport' }],
    ['pickled', { type: 'pytorch', isPickle: true }],
    ['pickledOld', { type: 'pytorch', isPickle: true }],
  ])('"%s" is known by what is in it', async (name, model) => {
    expect(await located(name)).toMatchObject(model);
  });

  test('of TorchScript or torch.export is no pickle that runs code', async () => {
    expect(await located('script')).not.toHaveProperty('isPickle');
    expect(await located('export')).not.toHaveProperty('isPickle');
  });

  test.each(['stateDict', 'stateDictOld', 'checkpoint', 'weights'])(
    'with weights alone, "%s", is refused with the lines that make TorchScript of them',
    async (name) => {
      expect(await located(name)).toMatchObject({
        code: 'model-foreign',
        message: expect.stringMatching(/load_state_dict\(.*torch\.jit\.script\(.*\.save\(/) as string,
      });
    },
  );

  test('is what it is under the name of another kind', async () => {
    const script = folderOf({}, 'script');
    cpSync(join(script, 'net.pt'), join(script, 'net.pkl'));
    rmSync(join(script, 'net.pt'));
    expect(await locateModel(script, diskFiles)).toMatchObject({ type: 'pytorch', file: 'net.pkl' });
  });

  test.each([
    ['another archive', zipOf({ 'a.txt': 'x' }), 'model-foreign', /none of PyTorch/],
    [
      'a package that is compiled',
      zipOf({ 'm/data/aotinductor/m/a.so': 'x' }),
      'model-foreign',
      /AOTInductor/,
    ],
    ['an archive without its end', zipOf({ 'a.txt': 'x' }).subarray(0, 30), 'model-foreign', /cut off/],
    ['a text', 'weights', 'model-damaged', /no PyTorch model/],
    ['a pointer of git-lfs', 'version https://git-lfs.github.com/spec/v1\n', 'model-damaged', /git lfs pull/],
    ['nothing', '', 'model-damaged', /empty/],
  ])('that is %s is refused', async (_, content, code, message) => {
    expect(await locateModel(folderOf({ 'net.pt': content }), diskFiles)).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('models of trees', () => {
  test.each([
    ['xgboost', { type: 'xgboost', file: 'model.json' }],
    ['xgboostBinary', { type: 'xgboost', file: 'model.ubj' }],
    ['lightgbm', { type: 'lightgbm', file: 'model.txt' }],
  ])('"%s" are known by what they begin with', async (name, model) => {
    expect(await located(name)).toMatchObject(model);
    expect(await located(name, model.file)).toMatchObject(model);
  });

  test('have other texts beside them', async () => {
    const beside = { 'labels.txt': 'no\nyes\n', 'features.json': '{"names":["a"]}' };
    expect(await locateModel(folderOf(beside, 'lightgbm'), diskFiles)).toMatchObject({ type: 'lightgbm' });
    expect(await locateModel(folderOf(beside, 'xgboost'), diskFiles)).toMatchObject({ type: 'xgboost' });
    expect(await locateModel(folderOf(beside), diskFiles)).toMatchObject({ code: 'model-none' });
  });

  test('may be called *.model, as those of BigDL', async () => {
    const folder = folderOf({}, 'xgboostBinary');
    cpSync(join(folder, 'model.ubj'), join(folder, 'trees.model'));
    rmSync(join(folder, 'model.ubj'));
    expect(await locateModel(folder, diskFiles)).toMatchObject({ type: 'xgboost', file: 'trees.model' });
  });

  test('are refused where there are two', async () => {
    const folder = folderOf({}, 'lightgbm');
    cpSync(join(fixtures, 'xgboost/model.json'), join(folder, 'other.json'));
    expect(await locateModel(folder, diskFiles)).toMatchObject({ code: 'model-several' });
  });
});

describe('model.py', () => {
  const program = 'import numpy\n\ndef predict(inputs):\n    return inputs\n';

  test('is served with whatever only it can read beside it', async () => {
    expect(await located('program')).toMatchObject({ type: 'pythonModel', file: 'model.py' });
    for (const beside of ['stateDict', 'script', 'xgboost', 'forest'])
      expect(await locateModel(folderOf({ 'model.py': program }, beside), diskFiles)).toMatchObject({
        type: 'pythonModel',
      });
  });

  test('is no model beside one that is served without it, nor without a function predict', async () => {
    const onnx = join(fixtures, '../models/mlp/mlp.onnx');
    const folder = folderOf({ 'model.py': program });
    cpSync(onnx, join(folder, 'net.onnx'));
    expect(await locateModel(folder, diskFiles)).toMatchObject({ type: 'onnx' });
    const training = folderOf({ 'model.py': 'class Net:\n    def predict(self): pass\n' }, 'script');
    expect(await locateModel(training, diskFiles)).toMatchObject({ type: 'pytorch' });
    expect(await locateModel(folderOf({ 'model.py': 'x = 1\n' }), diskFiles)).toMatchObject({
      code: 'model-incomplete',
    });
  });

  test('may have another name where modelPath names it', async () => {
    const folder = folderOf({ 'serve.py': program, 'model.py': program });
    expect(await locateModel(join(folder, 'serve.py'), diskFiles)).toMatchObject({
      type: 'pythonModel',
      file: 'serve.py',
    });
  });
});
