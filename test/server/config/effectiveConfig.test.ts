import { expect, test } from 'vitest';
import type { ModelType } from '../../../schemas/runtimes.ts';
import { effectiveConfig } from '../../../server/src/config/effectiveConfig.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';

function effective(text: string, type: ModelType | undefined) {
  const { config } = readConfig(`modelPath: /m\n${text}`);
  if (!config) throw new Error('the config has errors');
  return effectiveConfig(config, type);
}

test('coreNumberPerMachine gives OpenVINO threads and every other type copies', () => {
  expect(effective('coreNumberPerMachine: 4\n', 'openvino')).toEqual({
    modelParallelism: 1,
    threadPerModel: 4,
    overridden: ['threadPerModel'],
  });
  expect(effective('coreNumberPerMachine: 4\nthreadPerModel: 2\n', 'onnx')).toEqual({
    modelParallelism: 4,
    threadPerModel: 1,
    overridden: ['modelParallelism', 'threadPerModel'],
  });
});

test('without coreNumberPerMachine the two keys count', () => {
  expect(effective('modelParallelism: 2\nthreadPerModel: 3\n', 'onnx')).toEqual({
    modelParallelism: 2,
    threadPerModel: 3,
    overridden: [],
  });
});
