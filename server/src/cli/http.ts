import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Becomes the HTTP frontend, in this process, so that signals and the standard streams are its own.
 *  @param args  what followed `http`; the frontend reads its options by itself
 *  @param programFolder  where the bundles are */
export function http(args: readonly string[], programFolder: string): Promise<number> {
  process.argv = [...process.argv.slice(0, 2), ...args];
  const program = join(programFolder, 'http.mjs');
  createRequire(program)(program);
  // It ends the process by itself.
  return new Promise(() => undefined);
}
