import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { frameworksPython } from '../support/frameworks.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

// Models of other frameworks become ONNX, by their own frameworks, which take seconds to load.
vi.setConfig({ testTimeout: 240_000 });

const fixtures = join(root, 'test/fixtures');
let shop: Workshop;
/** A Python without any package. */
let bare: string;
beforeAll(() => {
  shop = openWorkshop();
  const folder = mkdtempSync(join(shop.folder, 'bare-'));
  spawnSync(frameworksPython(), ['-m', 'venv', '--without-pip', folder]);
  bare = join(folder, 'bin/python');
});
afterAll(() => shop.close());

/** A copy, beside which things may be put. */
function copied(model: string): string {
  const folder = join(mkdtempSync(join(shop.folder, 'model-')), 'net');
  cpSync(join(fixtures, model), folder, { recursive: true });
  return folder;
}

const convert = (...args: string[]) => shop.cli('convert', ...args, '--json');
const answerOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer;

interface Answer {
  readonly converted?: { readonly file: string; readonly largestError?: number; readonly unlike?: number };
  readonly error?: { readonly code: string; readonly message: string };
}

test.each([
  ['python/script', ['--input', 'image=?,3,8,8']],
  ['python/classifier', ['--allow-pickle']],
  ['python/xgboost', []],
  ['python/lightgbm', []],
])('%s becomes ONNX that answers the same, in a folder that can be served', async (model, more) => {
  const folder = copied(model);
  writeFileSync(join(folder, 'labels.txt'), 'a\nb\n');
  const { code, stdout } = await convert(folder, '--python', frameworksPython(), ...more);
  expect([code, answerOf(stdout).error]).toEqual([0, undefined]);
  const { file = '', largestError, unlike } = answerOf(stdout).converted ?? {};
  expect(file.startsWith(`${folder}-onnx/`)).toBe(true);
  expect(largestError).toBeLessThanOrEqual(1e-5);
  expect(unlike).toBe(0);
  expect(readdirSync(`${folder}-onnx`).sort()).toEqual(
    [file.slice(`${folder}-onnx/`.length), 'labels.txt'].sort(),
  );
  const { stdout: linted } = await shop.cli(
    'lint',
    shop.config('served', `modelPath: ${folder}-onnx\n`),
    '--format',
    'json',
  );
  expect(linted).not.toContain('model-');
});

test('a network of Caffe needs no Python', async () => {
  const folder = copied('caffe/lenet');
  const { code, stdout } = await convert(folder, '--python', '/nowhere/python');
  expect(code).toBe(0);
  expect(existsSync(answerOf(stdout).converted?.file ?? '')).toBe(true);
});

test('what is there is kept without --force', async () => {
  const folder = copied('python/lightgbm');
  const out = join(folder, '..', 'mine.onnx');
  writeFileSync(out, 'mine');
  const args = [folder, '--python', frameworksPython(), '--out', out];
  expect(answerOf((await convert(...args)).stdout).error?.code).toBe('convert-failed');
  expect(readFileSync(out, 'utf8')).toBe('mine');
  expect((await convert(...args, '--force')).code).toBe(0);
  expect(readFileSync(out, 'utf8')).not.toBe('mine');
});

test.each<[string, string, () => readonly string[], string, RegExp]>([
  [
    'a package is missing',
    'python/script',
    () => ['--python', bare],
    'runtime-missing',
    /-m pip install torch/,
  ],
  [
    'TensorFlow is missing',
    'runtimes/savedModel',
    () => ['--python', bare],
    'runtime-missing',
    /tensorflow tf2onnx/,
  ],
  [
    'there is no such Python',
    'python/script',
    () => ['--python', '/nowhere/python'],
    'runtime-missing',
    /nowhere/,
  ],
  [
    'the shapes are not known',
    'python/script',
    () => ['--python', frameworksPython()],
    'wrong-use',
    /--input/,
  ],
  [
    'a shape is none',
    'python/script',
    () => ['--python', frameworksPython(), '--input', 'image'],
    'wrong-use',
    /image=/,
  ],
  [
    'it would run code',
    'python/classifier',
    () => ['--python', frameworksPython()],
    'model-pickled',
    /--allow-pickle/,
  ],
  ['it is weights alone', 'python/stateDict', () => [], 'model-undetected', /state dict/],
  ['it is ONNX', 'models/mlp', () => [], 'convert-failed', /served as it is/],
  [
    'the shape is wrong',
    'python/script',
    () => ['--python', frameworksPython(), '--input', 'image=?,4,8,8'],
    'convert-failed',
    /could not be converted/,
  ],
])('where %s, a sentence says so and nothing is left', async (_, model, more, code, says) => {
  const folder = copied(model);
  const { error } = answerOf((await convert(folder, ...more())).stdout);
  expect(error?.code).toBe(code);
  expect(error?.message).toMatch(says);
  const left = existsSync(`${folder}-onnx`) ? readdirSync(`${folder}-onnx`) : [];
  expect(left).toEqual([]);
});

test('a file of Keras is converted by TensorFlow, and says so where that is missing', async () => {
  const folder = mkdtempSync(join(shop.folder, 'keras-'));
  writeFileSync(join(folder, 'net.keras'), 'PK');
  for (const path of [folder, join(folder, 'net.keras')]) {
    const { error } = answerOf((await convert(path, '--python', bare)).stdout);
    expect(error?.message).toMatch(/tensorflow tf2onnx/);
  }
});
