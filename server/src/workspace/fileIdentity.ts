import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a file's URI; undefined for what is in no file system, such as an editor's untitled text. */
export function pathOf(uri: string): string | undefined {
  try {
    return /^file:/i.test(uri) ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

/** What is the same for all URIs of one file: editors write its blanks, brackets and drive letters in different ways, and
 *  links lead to it. A URI that is no file's is itself. */
export function identityOf(uri: string): string {
  const path = pathOf(uri);
  // Windows does not care for the case of a drive.
  return path === undefined ? uri : realPath(path).replace(/^\/?[A-Za-z]:/, (drive) => drive.toLowerCase());
}

/** The path without links, also of what does not exist (any more). */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
