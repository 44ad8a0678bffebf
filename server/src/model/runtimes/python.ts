import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { findRuntime } from './findRuntime.ts';
import type { Runtime } from './runtime.ts';
import { typesOf } from './typesOf.ts';

/** A Python of the user's, for models that only Python can load. */
export const python: Runtime = {
  types: typesOf('python'),
  isApart: true,
  find: findRuntime.python,
  async check(place) {
    const { askPython } = await import('../python/packages.ts');
    return `Python ${(await askPython(place, [])).version}`;
  },
  load: async (options, host) =>
    (await import('../python/pythonSession.ts')).openPythonSession(options, host),
  explain(error, { file }) {
    if (error instanceof ServingError) return error;
    return new ServingError(
      'model-load-failed',
      `${file} could not be loaded by Python: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  },
};
