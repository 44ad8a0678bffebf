import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelReport } from '../../schemas/modelReport.ts';
import { openvinoLibrary } from '../support/openvino.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

const fixtures = join(root, 'test/fixtures');
let shop: Workshop;
beforeAll(() => {
  shop = openWorkshop();
});
afterAll(() => shop.close());

async function describe(...args: readonly string[]) {
  const { code, stdout } = await shop.cli('model', ...args, '--json');
  const answer = JSON.parse(stdout) as {
    readonly model?: ModelReport;
    readonly error?: { readonly code: string };
  };
  return { code, ...answer };
}

test('a model of ONNX is loaded, and shown with its operators and whether records share its runs', async () => {
  const { code, model } = await describe(join(fixtures, 'models/mlp/mlp.onnx'));
  expect(code).toBe(0);
  expect(model).toMatchObject({
    type: 'ONNX',
    runtime: 'ONNX Runtime',
    files: [{ path: join(fixtures, 'models/mlp/mlp.onnx'), bytes: 19_093 }],
    loaded: {
      inputs: [{ name: 'x', type: 'float32', shape: [null, 64] }],
      outputs: [{ name: 'y', type: 'float32', shape: [null, 10] }],
      sharing: { shared: true },
    },
    structure: {
      operators: [
        { name: 'MatMul', count: 2 },
        { name: 'Relu', count: 1 },
      ],
      parameters: 4_736,
    },
  });
});

test('a model whose rows cannot be batched says why, and a config has the last word', async () => {
  const fixed = join(fixtures, 'models/fixedBatch');
  const { model } = await describe(fixed);
  expect(model?.loaded?.sharing.shared).toBe(false);
  expect(model?.loaded?.sharing.reason).toContain('fixed');
  const off = shop.config('off', `modelPath: ${fixed}\nbatching: off\n`);
  expect((await describe(fixed, '-c', off)).model?.loaded?.sharing.reason).toContain('batching is off');
});

test('models of OpenVINO and TensorFlow Lite are loaded by OpenVINO', async () => {
  const config = shop.config('openvino', `modelPath: x\nopenvinoPath: ${dirname(openvinoLibrary())}\n`);
  for (const [file, type] of [
    ['runtimes/ir/ir.xml', 'OpenVINO IR'],
    ['runtimes/tflite/picture.tflite', 'TensorFlow Lite'],
  ] as const) {
    const { code, model } = await describe(join(fixtures, file), '-c', config);
    expect([code, model?.type, model?.runtime]).toEqual([0, type, 'OpenVINO']);
    expect(model?.loaded?.inputs.length).toBeGreaterThan(0);
    expect(model?.runtimePlace).toContain('openvino');
  }
});

test('a model that cannot be loaded here is shown with what its file says, and why', async () => {
  const config = shop.config('nowhere', 'modelPath: x\nopenvinoPath: /nowhere/libopenvino_c.so\n');
  const { code, model } = await describe(join(fixtures, 'runtimes/tflite'), '-c', config);
  expect([code, model?.loaded, model?.trouble?.code]).toEqual([1, undefined, 'runtime-missing']);
  expect(model?.structure?.operators).toHaveLength(4);
});

test('a damaged file, XML of another kind, and no file at all are errors with a code', async () => {
  const folder = join(shop.folder, 'damaged');
  mkdirSync(folder);
  cpSync(join(fixtures, 'runtimes/ir/ir.bin'), join(folder, 'pom.bin'));
  writeFileSync(join(folder, 'pom.xml'), '<project/>');
  expect((await describe(join(folder, 'pom.xml'))).error?.code).toBe('model-damaged');
  expect((await describe(join(folder, 'none.onnx'))).error?.code).toBe('model-missing');
});

test('people read it as lines and tables', async () => {
  const { code, stdout } = await shop.cli('model', join(fixtures, 'models/mlp'));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^in +x +float32\[\?, 64\]$/m);
  expect(stdout).toMatch(/^MatMul +2$/m);
  expect(stdout).toContain('Records share runs:');
});
