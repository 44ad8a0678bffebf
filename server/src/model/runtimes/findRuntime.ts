import type { RuntimeName } from '../../../../schemas/runtimes.ts';
import { findOpenvino } from '../openvino/findOpenvino.ts';
import { findPython } from '../python/findPython.ts';
import type { Runtime } from './runtime.ts';

/** Where each runtime is looked for; by itself, since the language server needs no more of them. */
export const findRuntime: Readonly<Record<RuntimeName, Runtime['find']>> = {
  onnxruntime: () => ({ place: '', from: 'comes with the package' }),
  openvino: findOpenvino,
  python: findPython,
};
