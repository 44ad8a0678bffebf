import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { modelTypeRow } from '../../../../schemas/runtimes.ts';
import { findRuntime } from './findRuntime.ts';
import type { Runtime } from './runtime.ts';
import { typesOf } from './typesOf.ts';

/** OpenVINO's C library, without Python. */
export const openvino: Runtime = {
  types: typesOf('openvino'),
  find: findRuntime.openvino,
  async check(place) {
    const { openLibrary } = await import('../openvino/library.ts');
    const library = openLibrary(place);
    library.free('core', library.createCore());
    return `OpenVINO ${library.version}`;
  },
  load: async (options) => (await import('../openvino/openvinoSession.ts')).openOpenvinoSession(options),
  explain(error, { type, file }) {
    if (error instanceof ServingError) return error;
    const { title } = modelTypeRow(type);
    const unknown = unknownOperators(messageOf(error));
    const what =
      unknown.length > 0
        ? `uses ${unknown.length === 1 ? 'an operator' : 'operators'} of ${title} that OpenVINO does not have: ${unknown.join(', ')}. Export the model without, or convert it to ONNX.`
        : `could not be loaded as a model of ${title}: ${messageOf(error)}`;
    return new ServingError('model-load-failed', `${file} ${what}`, { cause: error });
  },
};

/** The operators that OpenVINO's converters name: that of TensorFlow Lite one by one, that of TensorFlow in a list. */
function unknownOperators(message: string): readonly string[] {
  const single = [...message.matchAll(/No translator found for (\S+) node/g)].map(([, name = '']) => name);
  const list = /no translator found for operation\(s\): ([\w:]+(?:, [\w:]+)*)/i.exec(message)?.[1] ?? '';
  return [...new Set([...single, ...list.split(', ').filter((name) => name !== '')])];
}
