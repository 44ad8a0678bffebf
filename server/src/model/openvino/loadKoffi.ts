import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a build puts it, seen from a bundle and from what bundles share. */
const besideBundles = ['./koffi/src/koffi/indirect.cjs', '../koffi/src/koffi/indirect.cjs'];

/** Loads koffi, which calls C libraries: the one that was sent with the library to a worker on Flink, the one beside the
 *  bundles, which has the binaries of one platform, else that of `node_modules`. Loaded late, as ONNX Runtime is.
 *  @param libraryFile  what is to be called @throws where there are no binaries for this platform */
export function loadKoffi(libraryFile: string): typeof import('koffi') {
  const require = createRequire(import.meta.url);
  const places = besideBundles.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const sent = join(dirname(libraryFile), besideBundles[0] as string);
  const beside = [sent, ...places].find((file) => existsSync(file));
  return require(beside ?? 'koffi') as typeof import('koffi');
}
