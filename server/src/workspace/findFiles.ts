import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const skipped = new Set(['node_modules', 'dist', 'target', 'build', '__pycache__', 'venv']);
/** More are no workspace but a disk. */
const maxFiles = 20_000;
const maxFolders = 20_000;

/** The files below a folder whose names end as wanted. Hidden folders and those of packages and builds are left out, and
 *  links are not followed. */
export async function findFiles(folder: string, wanted: RegExp): Promise<string[]> {
  const found: string[] = [];
  const folders = [folder];
  for (let i = 0; i < folders.length && i < maxFolders && found.length < maxFiles; i++) {
    const at = folders[i] ?? '';
    // A folder that cannot be read holds nothing for us.
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isFile() && wanted.test(entry.name)) found.push(join(at, entry.name));
      else if (entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name))
        folders.push(join(at, entry.name));
    }
  }
  return found;
}
