import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Becomes the HTTP frontend, in this process, so that signals and the standard streams are its own.
 *  @param args  what followed `http`; the frontend reads its options by itself
 *  @param programFolder  where the bundles are */
export async function http(args: readonly string[], programFolder: string): Promise<number> {
  process.argv = [...process.argv.slice(0, 2), ...args];
  await import(pathToFileURL(join(programFolder, 'http.mjs')).href);
  // It ends the process by itself.
  return new Promise(() => undefined);
}
