import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { onnxTypeNames } from '../../../../schemas/onnxTypes.ts';
import { loadOnnxRuntime } from '../onnx/onnxRuntime.ts';
import { findRuntime } from './findRuntime.ts';
import { typesOf } from './typesOf.ts';
import type { Runtime } from './runtime.ts';
import { unsupportedType } from './unsupported.ts';

/** ONNX Runtime, which comes with the package. */
export const onnxruntime: Runtime = {
  types: typesOf('onnxruntime'),
  find: findRuntime.onnxruntime,
  async check() {
    const { env } = await loadOnnxRuntime();
    return `ONNX Runtime ${env.versions.node ?? '?'}`;
  },
  load: async (options) => (await import('../onnx/onnxSession.ts')).openOnnxSession(options),
  explain(error, { file }) {
    if (error instanceof ServingError) return error;
    const why = messageOf(error);
    // The binding does not open a model with types that it has no name for; it says their number only.
    const number = /Unsupported data type: (\d+)/.exec(why)?.[1];
    if (number !== undefined)
      return unsupportedType(
        `${file}: an input or output has`,
        onnxTypeNames[Number(number)] ?? `number ${number}`,
      );
    return new ServingError('model-load-failed', `${file} could not be loaded as an ONNX model: ${why}`, {
      cause: error,
    });
  },
};
