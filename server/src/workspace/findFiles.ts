import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { patiently } from '../model/recognise/patiently.ts';

const skipped = new Set(['node_modules', 'dist', 'target', 'build', '__pycache__', 'venv']);
/** For those who watch what they find: more is no workspace but a disk. */
const workspaceFiles = 20_000;
const workspaceFolders = 20_000;

export interface FoundFiles {
  readonly files: readonly string[];
  /** Folders that could not be read, with the system's code. */
  readonly unread: readonly { readonly path: string; readonly code: string }[];
  /** Whether there is more than was looked for. */
  readonly isCut: boolean;
}

/** The files below a folder whose names end as wanted. Hidden folders and those of packages and builds are left out; links
 *  are followed to files, but not to folders.
 *  @param isWhole  finds all there are, however many */
export async function findFiles(folder: string, wanted: RegExp, isWhole = false): Promise<FoundFiles> {
  const files: string[] = [];
  const unread: { path: string; code: string }[] = [];
  const folders = [folder];
  for (let i = 0; i < folders.length; i++) {
    if (!isWhole && (i === workspaceFolders || files.length >= workspaceFiles))
      return { files: files.slice(0, workspaceFiles), unread, isCut: true };
    const at = folders[i] ?? '';
    const entries = await patiently(() => readdir(at, { withFileTypes: true })).catch((error: unknown) => {
      unread.push({ path: at, code: (error as NodeJS.ErrnoException).code ?? String(error) });
      return [];
    });
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (wanted.test(entry.name) && (await isFile(entry, path))) files.push(path);
      else if (entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name))
        folders.push(path);
    }
  }
  return { files, unread, isCut: false };
}

/** Also where a link leads to one, as in the folders that Kubernetes makes of a ConfigMap. A link that leads nowhere is
 *  none. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
