import { lstat, open, readdir, readlink } from 'node:fs/promises';
import type { ModelFiles, Place } from './modelFiles.ts';
import { patiently } from './patiently.ts';

/** The models on the disk. */
export const diskFiles: ModelFiles = {
  look,
  async bytes(path, start, count) {
    try {
      const file = await patiently(() => open(path));
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, start);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch {
      return undefined;
    }
  },
};

async function look(path: string): Promise<Place> {
  try {
    const entries = await patiently(() => readdir(path, { withFileTypes: true }));
    return {
      kind: 'folder',
      names: entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return absent(path);
    // A part of the path may be a file: then nothing stands at its end.
    if (code === 'ENOTDIR') return { kind: (await isFile(path)) ? 'file' : 'missing' };
    return { kind: 'unreadable' };
  }
}

async function absent(path: string): Promise<Place> {
  try {
    if ((await lstat(path)).isSymbolicLink()) return { kind: 'dangling', target: await readlink(path) };
  } catch {
    // Nothing stands there, not even a link.
  }
  return { kind: 'missing' };
}

async function isFile(path: string): Promise<boolean> {
  try {
    await (await patiently(() => open(path))).close();
    return true;
  } catch (error) {
    // It may be there and closed to us.
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
