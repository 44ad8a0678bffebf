import { open, readdir } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Files, Place } from '../language/files.ts';
import { pathOf } from './fileIdentity.ts';
import { patiently } from './patiently.ts';

/** The world on the disk. */
export function nodeFiles(): Files {
  return {
    resolve: resolveFrom,
    uriOf: (path) => pathToFileURL(path).href,
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
}

function resolveFrom(uri: string, path: string): string | undefined {
  const from = pathOf(uri);
  if (from !== undefined) return resolve(dirname(from), path);
  // A text that has no file yet is in no folder, but on this machine; documents of git and of other machines are not.
  return uri.startsWith('untitled:') && isAbsolute(path) ? path : undefined;
}

async function look(path: string): Promise<Place> {
  try {
    const entries = await patiently(() => readdir(path, { withFileTypes: true }));
    return {
      kind: 'folder',
      names: entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return { kind: 'missing' };
    // A part of the path may be a file: then nothing stands at its end.
    if (code === 'ENOTDIR') return { kind: (await isFile(path)) ? 'file' : 'missing' };
    return { kind: 'unreadable' };
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    await (await open(path)).close();
    return true;
  } catch (error) {
    // It may be there and closed to us.
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
