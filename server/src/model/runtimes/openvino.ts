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
    return new ServingError(
      'model-load-failed',
      `${file} could not be loaded as a model of ${modelTypeRow(type).title}: ${messageOf(error)}`,
      { cause: error },
    );
  },
};
