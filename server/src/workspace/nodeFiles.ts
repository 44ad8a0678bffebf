import { open, readdir } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RuntimeName } from '../../../schemas/runtimes.ts';
import { runtimesFolder, stateFolderPath } from '../jobs/machine/stateFolderPath.ts';
import { findRuntime } from '../model/runtimes/findRuntime.ts';
import type { Files, Place } from '../language/files.ts';
import { pathOf } from './fileIdentity.ts';

/** The world on the disk. */
export function nodeFiles(): Files {
  return {
    resolve: resolveFrom,
    uriOf: (path) => pathToFileURL(path).href,
    look,
    hasRuntime: (name, configured) => Promise.resolve(hasRuntime(name, configured)),
    async bytes(path, start, count) {
      try {
        const file = await open(path);
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

/** Asks the disk at most so often, in ms: configs are checked at every keystroke. */
const runtimeAgeMs = 2_000;
const runtimes = new Map<string, { readonly at: number; readonly isThere: boolean }>();

function hasRuntime(name: RuntimeName, configured: string | undefined): boolean {
  const key = `${name} ${configured ?? ''}`;
  const known = runtimes.get(key);
  if (known && Date.now() - known.at < runtimeAgeMs) return known.isThere;
  const search = { configured, env: process.env, installedIn: runtimesFolder(stateFolderPath()) };
  const isThere = findRuntime[name](search) !== undefined;
  runtimes.set(key, { at: Date.now(), isThere });
  return isThere;
}

async function look(path: string): Promise<Place> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
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
