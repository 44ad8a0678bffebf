import type { RuntimeName } from '../../../../schemas/runtimes.ts';
import { onnxruntime } from './onnxruntime.ts';
import { openvino } from './openvino.ts';
import { python } from './python.ts';
import type { Runtime } from './runtime.ts';

/** Every runtime; one that the schemas name and that has no row here does not compile. Its library is loaded with its first
 *  model, never with this table. */
export const runtimeTable: Readonly<Record<RuntimeName, Runtime>> = {
  onnxruntime,
  openvino,
  python,
};
