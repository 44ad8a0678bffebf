import { expect, test } from 'vitest';
import { modelTypeNames, modelTypeRow, runtimeNames } from '../../../schemas/runtimes.ts';
import { chooseRuntime } from '../../../server/src/model/runtimes/chooseRuntime.ts';
import { runtimeTable } from '../../../server/src/model/runtimes/runtimes.ts';

test('a model is run by the usual runtime of its type, or by the one that is named', () => {
  expect(chooseRuntime('onnx', 'embedded', 'auto')).toEqual({ runtime: 'onnxruntime' });
  expect(chooseRuntime('onnx', 'embedded', 'openvino')).toEqual({ runtime: 'openvino' });
  expect(chooseRuntime('tensorflowLite', 'embedded', 'auto')).toEqual({ runtime: 'openvino' });
});

test('what nothing runs is refused with the way out', () => {
  expect(chooseRuntime('bigdl', 'embedded', 'auto')).toMatchObject({
    refusal: expect.stringContaining('ONNX') as string,
  });
  expect(chooseRuntime('bigdl', 'flink', 'auto')).toMatchObject({
    refusal: expect.stringContaining('--jar') as string,
  });
  expect(chooseRuntime('openvino', 'embedded', 'onnxruntime')).toMatchObject({
    refusal: expect.stringContaining('runtime: openvino') as string,
  });
});

test('a runtime is chosen for every type that one has, on every backend, and for no other', () => {
  for (const type of modelTypeNames)
    for (const backend of ['embedded', 'flink'] as const) {
      const choice = chooseRuntime(type, backend, 'auto');
      const isServed = runtimeNames.some((name) => runtimeTable[name].types.includes(type));
      expect('runtime' in choice, `${type} on ${backend}`).toBe(isServed);
      if ('refusal' in choice) expect(choice.refusal).toContain(modelTypeRow(type).title);
    }
});
