import { describe, expect, test } from 'vitest';
import type { ModelType } from '../../../schemas/runtimes.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { openvino } from '../../../server/src/model/runtimes/openvino.ts';

function explained(type: ModelType, error: unknown): ServingError {
  return openvino.explain(error, { type, file: '/m/model' });
}

describe('a model that OpenVINO cannot load', () => {
  test.each([
    [
      'tensorflowLite',
      "Check 'translate_map.count(decoder->get_op_type())' failed: No translator found for Blend node. No translator found for Blend node.",
      '/m/model uses an operator of TensorFlow Lite that OpenVINO does not have: Blend. Export the model without, or convert it to ONNX.',
    ],
    [
      'tensorflowSavedModel',
      '[TensorFlow Frontend] Internal error, no translator found for operation(s): Lookup, Sparse::Mul\nTo facilitate',
      '/m/model uses operators of TensorFlow SavedModel that OpenVINO does not have: Lookup, Sparse::Mul. Export the model without, or convert it to ONNX.',
    ],
    ['openvino', 'the file is cut off', 'could not be loaded as a model of'],
  ] as const)('of the type %s is explained by what it lacks', (type, message, says) => {
    const { code, message: text } = explained(type, new Error(message));
    expect(code).toBe('model-load-failed');
    expect(text).toContain(says);
  });

  test('keeps an explanation that it has', () => {
    const error = new ServingError('model-damaged', 'It is cut off.');
    expect(explained('openvino', error)).toBe(error);
  });
});
