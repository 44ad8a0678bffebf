import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where a build puts it, seen from a bundle and from what bundles share. */
const besideBundles = ['./onnxRuntime/dist/index.cjs', '../onnxRuntime/dist/index.cjs'];

/** Loads ONNX Runtime: the one beside the bundles, which has the binaries of one platform, else that of `node_modules`.
 *  Loaded late, and only where models are run: a binary that does not load must be an answer, not the end of the process.
 *  @throws what loading its binaries throws, for instance where they are of another platform */
export async function loadOnnxRuntime(): Promise<typeof import('onnxruntime-node')> {
  for (const place of besideBundles) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return createRequire(import.meta.url)(file) as typeof import('onnxruntime-node');
  }
  return import('onnxruntime-node');
}
