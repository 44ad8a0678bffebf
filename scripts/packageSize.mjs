import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { deflateRawSync } from 'node:zlib';

/** What the bundles of a package may weigh beside ONNX Runtime, whose binaries cannot be made smaller here. */
export const maxPackageBytes = 1_600_000;

/** The bytes of a folder's files as a zip holds them, each compressed by itself.
 *  @param {string} folder
 *  @param {readonly string[]} leftOut  paths below it, with `/`, whose files do not count */
export function zippedBytes(folder, leftOut = []) {
  const counts = (path) => !leftOut.some((part) => path === part || path.startsWith(`${part}/`));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => counts(relative(folder, path).split(sep).join('/')))
    .reduce((sum, path) => sum + deflateRawSync(readFileSync(path), { level: 9 }).length, 0);
}
